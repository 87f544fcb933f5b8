"""The demo is not installed in the house's tests: here it is, with its table, for one test."""

from __future__ import annotations

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from procrastinate.contrib.django.apps import ProcrastinateConfig

from provodnik.config import urls as house

assert house.urlpatterns  # read here, while settings.DEMO is off: the house's addresses are without the demo


@pytest.fixture
def demo(db: None, settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> LazySettings:
    monkeypatch.setattr(ProcrastinateConfig, "ready", lambda config: None)  # it is ready, and may be so only once
    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, "provodnik.demo"]
    settings.ROOT_URLCONF = "provodnik.demo.tests.urls"
    settings.DEMO = True
    call_command("migrate", "demo", verbosity=0)  # undone with the test's transaction
    return settings
