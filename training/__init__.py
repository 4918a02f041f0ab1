"""How the trained parts of the built-in model are made; not part of the package."""
