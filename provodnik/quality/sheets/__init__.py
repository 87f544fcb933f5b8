"""Tables as files: what their columns are, and how a row is written as XLSX and as CSV."""
