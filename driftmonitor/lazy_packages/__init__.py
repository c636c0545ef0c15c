"""Import large packages by the names that are used, without everything else that they import."""

from driftmonitor.lazy_packages.by_name import import_by_name, importing_by_name
from driftmonitor.lazy_packages.finding import hiding
from driftmonitor.lazy_packages.later import importing_later, importing_when_used

__all__ = ["hiding", "import_by_name", "importing_by_name", "importing_later", "importing_when_used"]
