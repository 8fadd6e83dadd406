"""What a page and a program's HTTP share: addresses, limits, the fields of a request."""
