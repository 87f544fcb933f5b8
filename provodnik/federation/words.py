"""What people read of troubles with directories and providers."""

from __future__ import annotations

from django.utils.translation import gettext as _


def trouble(code: str) -> str:
    """A sentence for the administrator; codes of ldap.client.Trouble, oidc.tokens.Wrong and of ours."""
    known = {
        "no_host": _("The name of the server is not known to the network."),
        "no_connection": _("Nobody answers at this server and port."),
        "late": _("The server keeps silent: its time was over."),
        "tls": _("No protected connection: the certificate is not for this name, or its authority is not known here."),
        "bind": _("The directory does not take the account for searching or its password."),
        "no_base": _("There is no such place to search in."),
        "referral": _("The directory sends us elsewhere. We do not go there: name the right server."),
        "refused": _("The directory refuses the search: look at the filter and at the rights of the account."),
        "broken": _("The server answers something that is not of its protocol."),
        "forbidden": _("This address is none where a directory may stand."),
        "secret": _("The password was kept under another secret key of the installation: type it once more."),
        "subject": _("The directory tells neither objectGUID nor entryUUID: nobody can be known by his name alone."),
        "many_gone": _("More than half of the linked people are not found any more. Nobody was shut out: look first."),
        "away": _("The provider cannot be reached."),
        "inside": _("This address is inside the network: the installation's settings must open it first."),
        "status": _("The provider answers with an error."),
        "large": _("The provider's answer is too large."),
        "json": _("The provider's answer is no clean JSON."),
        "issuer": _("The provider calls itself otherwise than it is written here."),
        "metadata": _("The provider does not tell its addresses, or tells unprotected ones."),
        "keys": _("The provider does not tell its keys."),
        "key": _("The token is signed with a key that the provider does not tell."),
    }
    return known.get(code, _("The provider's token was not accepted: %(code)s.") % {"code": code})


def step(name: str) -> str:
    known = {"connect": _("Connection"), "bind": _("Account for searching"), "search": _("Search")}
    return known.get(name, name)
