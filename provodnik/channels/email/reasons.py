"""What a code of `imap` and `smtp` means, in words for an administrator."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

REASONS: dict[str, Promise] = {
    # settings
    "bad_host": _("The server's name is missing or is not a name of a host."),
    "bad_port": _("This port does not belong to a mail server."),
    "bad_security": _("The way of protecting the connection is not known."),
    "bad_credentials": _("The login or the password has characters that this server cannot take."),
    "ca_file_missing": _("The file with the certificate authority does not exist."),
    "ca_file_unreadable": _("The file with the certificate authority holds no certificate in PEM."),
    # connection
    "unknown_host": _("The server's name is not known to the name service."),
    "no_place": _("No mail server can be at this address."),
    "no_connection": _("The server does not accept connections at this address and port."),
    "timeout": _("The server did not answer in time."),
    "connection_lost": _("The server closed the connection."),
    "too_much": _("The server sent more than it had announced or than is sensible."),
    "garbage": _("What answers at this address and port does not speak the language of mail servers."),
    "tls": _("No protected connection came about: the port and the kind of protection may not match."),
    "certificate": _("The server's certificate is not trusted."),
    "starttls_missing": _("The server does not offer STARTTLS, and an unprotected connection is not allowed."),
    "starttls_injection": _("Someone put foreign words into the start of the protected connection."),
    # login and folder
    "login_forbidden": _("The server does not allow logging in over this kind of connection."),
    "login_refused": _("The server does not accept the login or the password."),
    "server_busy": _("The server asks to come back later."),
    "service_refused": _("The server refuses service."),
    "server_said_no": _("The server did not carry out a command."),
    "folder_missing": _("The mailbox has no such folder."),
    "folder_read_only": _("The folder may only be read, letters cannot be marked in it."),
    "no_uidvalidity": _("The server does not number letters lastingly."),
    "renumbered": _("The server has numbered the letters of the folder anew."),
    "gone": _("The letter has been removed from the mailbox."),
    "letters_left": _("The server would not give some letters; they are asked for again each time."),
    "not_marked": _("Letters are taken, but the server does not let us mark them as read."),
    "not_kept": _("Letters cannot be kept here: is the disk full? They stay in the mailbox until they can."),
    # a letter on its way out
    "bad_sender": _("The sender's address is not an address."),
    "infected": _("The antivirus found a threat in a file of the letter."),
    "not_scanned": _("A file of the letter waits for the antivirus."),
    "bad_address": _("The recipient's address is not an address."),
    "letter_refused": _("The server refused the letter for good."),
    "letter_deferred": _("The server asks to try the letter again later."),
    "letter_too_large": _("The letter is larger than the server takes."),
    "needs_smtputf8": _("The server cannot deliver to an address that is not in Latin letters."),
    "needs_8bitmime": _("The server cannot carry this letter's encoding."),
}


def said(code: str) -> str:
    """A sentence for `code`; the code itself when there is none."""
    return str(REASONS.get(code, code))
