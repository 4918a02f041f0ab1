"""Many articles, none lost: rows in, one result for each out, whatever happens in between."""
