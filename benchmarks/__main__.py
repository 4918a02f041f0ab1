"""``python -m benchmarks`` (``make bench``): the figures that need no data beyond this project."""

from benchmarks import startup

startup.main()
