"""Where the figures of README and model cards come from; not part of the package and not tests."""
