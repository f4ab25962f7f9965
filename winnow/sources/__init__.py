"""One adapter per source format; the module's name is the adapter's name in ``params.yaml``."""
