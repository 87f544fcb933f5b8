"""Files of the desk's forms: the field of the design system."""

from __future__ import annotations

from provodnik.ui.uploads import FilesField, safe_name

__all__ = ["FilesField", "safe_name"]
