"""What a letter may cost. Everything past a limit is left in the raw letter, and a note says so."""

RAW = 128 * 1024 * 1024  # bytes looked at; a larger letter is refused long before, by RFC822.SIZE
DEPTH = 20  # multiparts inside multiparts
PARTS = 500
HEADERS = 1_000  # header fields kept of one part
HEADER_VALUE = 64 * 1024  # bytes kept of one field
PARAMETERS = 8 * 1024  # characters of a Content-Type that are searched for parameters
ENCODED_WORDS = 2_000  # decoded in one field
ADDRESSES = 200
REFERENCES = 100
MESSAGE_ID = 500  # characters; RFC 5322 lines end at 998, PostgreSQL indexes 2,700 bytes
SUBJECT = 998
NAME = 200  # a person's name
EMAIL = 254  # RFC 5321 §4.5.3.1.3
FILE_NAME = 150
TEXT = 2_000_000  # characters of readable text
HTML = 2_000_000
HTML_DEPTH = 400  # the sanitiser is quadratic in nesting
QUOTE_LINES = 20_000  # lines searched for quotations; the rest goes with the quotation
ATTACHMENTS_TOTAL = 96 * 1024 * 1024  # decoded bytes of all attachments
TNEF = 48 * 1024 * 1024
TNEF_OBJECTS = 2_000
RTF = 256 * 1024  # compressed; opened byte by byte, eight times as much at most
FONT_TABLE = 16 * 1024  # striprtf is quadratic in it
CALENDAR = 256 * 1024
INVITATIONS = 20
REPORT = 256 * 1024  # bytes of a delivery report that are read
