"""The product's own settings with one more address: the bare view that all figures are compared with."""

from provodnik.config.settings import *  # noqa: F403

ROOT_URLCONF = "bench.urls"
