"""What can happen here: rows are computed anew, files are asked for, made, cancelled and thrown away."""
