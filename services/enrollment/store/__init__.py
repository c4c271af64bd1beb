"""What is stored. Whoever imports any of it has the whole metadata: tables have many modules."""

from importlib import import_module
from pkgutil import iter_modules

for _module in iter_modules(__path__):
    if _module.name.endswith("tables"):
        import_module(f"{__name__}.{_module.name}")
