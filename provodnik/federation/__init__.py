"""Sign-in by what an organisation has already: a directory (LDAP, Active Directory), OpenID Connect."""
