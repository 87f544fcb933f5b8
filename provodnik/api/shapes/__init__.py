"""What goes in and out, as pydantic models. In: strict, nothing unknown. Out: made of rows by plain functions."""
