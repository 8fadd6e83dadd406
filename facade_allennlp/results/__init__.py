"""What a measurement found, as typed data, and the files that hold it."""
