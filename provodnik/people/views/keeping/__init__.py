"""Pages of who keeps an organisation: administrators and personnel."""
