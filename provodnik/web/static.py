"""Static files: compressed once, named by their content; a missing manifest is no error page."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class Static(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise has no types
    """Falls back to the plain name where `collectstatic` has not run, as in tests."""

    manifest_strict = False

    def stored_name(self, name: str) -> str:
        try:
            return str(super().stored_name(name))
        except ValueError:
            return name
