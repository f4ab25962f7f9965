"""Numbers, drawings and characters as the page shows them."""
