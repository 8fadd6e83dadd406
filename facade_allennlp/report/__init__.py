"""Tables, figures and pages: views of result files."""
