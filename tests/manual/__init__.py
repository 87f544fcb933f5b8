"""Pictures of the manuals: their recipes, what is checked of them without a browser, and the taking of them."""
