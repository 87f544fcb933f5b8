"""Django's settings, derived from the one typed `Environment`."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from psycopg.conninfo import conninfo_to_dict

from provodnik import __version__
from provodnik.config.env import load, unknown_variables

ENV = load()
VERSION = __version__
UNKNOWN_VARIABLES = unknown_variables()
BASE_DIR = ENV.data_dir
SECRET_KEY = ENV.secret()
DEBUG = ENV.debug
BASE_URL = ENV.base_url
_base = urlsplit(BASE_URL)
_secure = _base.scheme == "https"
ALLOWED_HOSTS = [_base.hostname or "localhost", *ENV.allowed_hosts]
if ENV.debug or ENV.demo:
    ALLOWED_HOSTS += ["127.0.0.1", "localhost", "[::1]"]
CSRF_TRUSTED_ORIGINS = [BASE_URL]

INSTALLED_APPS = [
    "procrastinate.contrib.django",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    # cotton and template-partials switch each other off under their default configurations
    "django_cotton.apps.SimpleAppConfig",
    "template_partials.apps.SimpleAppConfig",
    "django_htmx",
    "csp",
    "provodnik.core",
    "provodnik.ui",
    "provodnik.accounts",
    "provodnik.channels",
    "provodnik.sms",
    "provodnik.notify",
    "provodnik.people",
    "provodnik.exchange",
    "provodnik.entry",
    "provodnik.federation",
    "provodnik.payslips",
    "provodnik.consents",
    "provodnik.desk",
    "provodnik.works",
    "provodnik.articles",
    "provodnik.hooks",
    "provodnik.quality",
    "provodnik.privacy",
    "provodnik.transfer",
    "provodnik.manual",
    "provodnik.api",
    "provodnik.web",
    "provodnik.lifecycle",
]
if ENV.demo:
    INSTALLED_APPS.append("provodnik.demo")

MIDDLEWARE = [
    "provodnik.web.middleware.NumberOfRequest",
    "provodnik.lifecycle.metrics.middleware.Counted",
    "provodnik.web.middleware.BelieveOnlyOwnProxies",
    "provodnik.web.middleware.OneLanguage",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "provodnik.web.middleware.RefuseWhileDatabaseIsAway",
    "provodnik.web.middleware.RefuseTooLarge",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "provodnik.accounts.middleware.WhoIsSignedIn",
    "provodnik.accounts.middleware.SessionIsSeen",
    "provodnik.accounts.middleware.SecondFactorFirst",
    "provodnik.entry.middleware.FormerSeesLittle",
    "provodnik.web.middleware.PersonalPagesAreNotCached",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

# The front doors of the parts, in the order of the menu.
PARTS = [
    "provodnik.desk.module.PART",
    "provodnik.payslips.module.PART",
    "provodnik.works.module.PART",
    "provodnik.quality.module.PART",
    "provodnik.articles.module.PART",
    "provodnik.people.module.PART",
    "provodnik.exchange.module.PART",
    "provodnik.consents.module.PART",
    "provodnik.entry.module.PART",
    "provodnik.federation.module.PART",
    "provodnik.sms.module.PART",
    "provodnik.hooks.module.PART",
    "provodnik.transfer.module.PART",
    "provodnik.privacy.module.PART",
    "provodnik.api.module.PART",
    "provodnik.accounts.module.PART",
    "provodnik.channels.module.PART",
    "provodnik.manual.module.PART",
    "provodnik.lifecycle.module.PART",
]
if ENV.demo:
    PARTS.append("provodnik.demo.module.PART")

ROOT_URLCONF = "provodnik.config.urls"
WSGI_APPLICATION = "provodnik.config.wsgi.application"

_loaders: list[object] = [
    "django_cotton.cotton_loader.Loader",
    "django.template.loaders.filesystem.Loader",
    "django.template.loaders.app_directories.Loader",
]
if not DEBUG:
    _loaders = [("django.template.loaders.cached.Loader", _loaders)]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "loaders": [("template_partials.loader.Loader", _loaders)],
            "builtins": [
                "django_cotton.templatetags.cotton",
                "template_partials.templatetags.partials",
                "django.templatetags.i18n",
                "django.templatetags.static",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "provodnik.web.context.shell",
            ],
        },
    }
]

_database = conninfo_to_dict(ENV.database_url or "postgresql:///provodnik")
_known = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        **{_known[key]: str(value) for key, value in _database.items() if key in _known},
        "OPTIONS": {
            **{key: value for key, value in _database.items() if key not in _known},
            "connect_timeout": 5,
            # no statement is prepared by how often it came, only where core/prepared.py asks for it
            "prepare_threshold": 1_000_000 if ENV.database_prepared else None,
            # a lock that takes longer than this would hang a page (safety F17); pages limit statements too, in wsgi.py
            # Starting helpers or a compiler for a statement of a page costs more than all of its work.
            "options": "-c lock_timeout=8s -c idle_in_transaction_session_timeout=60s"
            " -c jit=off -c max_parallel_workers_per_gather=0",
            # Who waits longer for a connection gets 503. The pauses between the tries double without an end; given up
            # early, the next request tries at once, so that all is well seconds after the database is (F12).
            "pool": {
                "min_size": 1,
                "max_size": ENV.web_threads + 2,
                "timeout": 4,
                "max_idle": 300,
                "reconnect_timeout": 2,
            },
        },
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": False,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "provodnik.accounts.backends.LoginOrEmailBackend",  # first: a local administrator never waits for a directory
    "provodnik.federation.backends.DirectoryBackend",
]
SESSION_ENGINE = "provodnik.accounts.sessions"
SESSION_COOKIE_NAME = "provodnik_session"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _secure
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "provodnik_csrf"
CSRF_FAILURE_VIEW = "provodnik.web.views.errors.csrf_failure"
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "accounts:sign_in"
PASSWORD_RESET_TIMEOUT = 24 * 3600
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("login", "email", "full_name")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "provodnik.accounts.passwords.NotTooLong"},
    {"NAME": "provodnik.accounts.passwords.NotCommonInRussian"},
]

SECURE_SSL_REDIRECT = False  # plain http inside a closed network is the administrator's choice, said by doctor
SECURE_HSTS_SECONDS = 31536000 if _secure else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENV.trusted_proxies else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
DATA_UPLOAD_MAX_NUMBER_FILES = ENV.files_limit + 1  # one more, so that the form can say it in words
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
UPLOAD_LIMIT = ENV.upload_limit * 1024 * 1024
FILES_LIMIT = ENV.files_limit
WEB_THREADS = ENV.web_threads
WEB_WORKERS = ENV.web_workers
METRICS_TOKEN = ENV.metrics_token
LARGEST_REQUEST = UPLOAD_LIMIT * FILES_LIMIT + DATA_UPLOAD_MAX_MEMORY_SIZE
DAILY_FILES = ENV.daily_files
DAILY_BYTES = ENV.daily_volume * 1024 * 1024
SCANNER = ENV.scanner
SCAN_PATIENCE = ENV.scan_patience
UNSCANNED = ENV.unscanned
FILES_DIR = ENV.data_dir / "files"
EXCHANGE_DIR = ENV.exchange_dir or ENV.data_dir / "exchange"
BACKUP_AGE = ENV.backup_age
TRUSTED_PROXIES = ENV.trusted_proxies
CA_FILE = ENV.ca_file
DATABASE_PREPARED = ENV.database_prepared
OUTBOUND_ALLOWED = ENV.outbound_allowed
API_RATE = ENV.api_rate
MAIL_POLL = ENV.mail_poll
WORKS_NOTICE = timedelta(hours=ENV.works_notice)
STATUS_PAGE = ENV.status_page
PUBLIC_PATHS = ("/status/",)  # pages that are the same for everybody: no session is read for them
REPLY_HOLD = ENV.reply_hold
WORKER_PATIENCE = ENV.worker_patience
DEMO = ENV.demo
PROVODNIK_GALLERY = ENV.debug or ENV.demo or ENV.gallery

LANGUAGE_CODE = "ru"
LANGUAGES = [("ru", "Русский")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = ENV.time_zone
FORMAT_MODULE_PATH = ["provodnik.config.formats"]

STATIC_URL = "/static/"
STATIC_ROOT = ENV.data_dir / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage" if DEBUG else "provodnik.web.static.Static"
    },
}
WHITENOISE_USE_FINDERS = DEBUG

EMAIL_BACKEND = "provodnik.channels.email.backend.OutgoingBackend"
DEFAULT_FROM_EMAIL = "noreply@localhost"  # replaced by the address of the mailbox that sends

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = None
PROCRASTINATE_IMPORT_PATHS = [
    "provodnik.core.upkeep",
    "provodnik.core.scanning",
    "provodnik.accounts.announce",
    "provodnik.channels.schedule",
    "provodnik.notify.announce",
    "provodnik.desk.announce",
    "provodnik.desk.schedule",
    "provodnik.api.schedule",
    "provodnik.hooks.announce",
    "provodnik.hooks.schedule",
    "provodnik.desk.actions.dry_run",
    "provodnik.desk.actions.erasure_jobs",
    "provodnik.exchange.schedule",
    "provodnik.people.schedule",
    "provodnik.quality.schedule",
    "provodnik.privacy.actions.extracts",
    "provodnik.privacy.schedule",
    "provodnik.transfer.actions.running",
    "provodnik.works.announce",
    "provodnik.works.actions.tying",
    "provodnik.works.schedule",
    "provodnik.articles.schedule",
    "provodnik.channels.outgoing",
    "provodnik.desk.actions.bulk",
    "provodnik.desk.actions.sending",
    "provodnik.entry.announce",
    "provodnik.entry.schedule",
    "provodnik.consents.schedule",
    "provodnik.exchange.actions.fetching",
    "provodnik.exchange.actions.running",
    "provodnik.federation.schedule",
    "provodnik.payslips.actions.packing",
    "provodnik.payslips.actions.publishing",
    "provodnik.payslips.schedule",
    "provodnik.people.announce",
    "provodnik.quality.actions.cases",
    "provodnik.quality.actions.exports",
    "provodnik.sms.announce",
]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {"()": "provodnik.core.logs.OneLine", "full": ENV.debug},
        "json": {"()": "provodnik.core.logs.Json", "full": ENV.debug},
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": ENV.log_format}},
    "root": {"handlers": ["stderr"], "level": ENV.log_level},
    "loggers": {
        "django.server": {"handlers": ["stderr"], "propagate": False},
        # psycopg's pool and procrastinate tell each connection and each job at INFO
        "psycopg.pool": {"level": "ERROR"},
        "procrastinate": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},
    },
}
SILENCED_SYSTEM_CHECKS = [
    "security.W005",  # HSTS of the other names under the domain is their owners' business
    "security.W008",  # the way from http to https is the proxy's, or the administrator's choice (doctor tells)
    "security.W021",  # the browsers' preload list is public; a portal inside an organisation does not belong there
]
