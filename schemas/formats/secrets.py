"""Where passwords, account names and keys stand in what programs write: addresses with credentials, JSON, headers, PEM.

Regexes for folded text. The group `value` is the value; what stands around it shows where it begins and ends.
"""

_STOP = r"\s\"'`<>|。、"
_PLACEHOLDER = (
    r"[$%#]?[{\[(<]|\$[A-Z_]{2}|%[sdv](?![0-9A-Za-z])|[*.•]{2}|[xX]{3}|[Yy]our[_-]|YOUR[_-]|[Cc]hange[_-]?[Mm]e"
)
_WRITTEN = rf"(?!{_PLACEHOLDER})"
_ACCOUNT = rf"[^:/@?#{_STOP}]{{1,64}}"


def _not_built_in(end: str) -> str:
    """No account that comes with the system, nor an empty one, stands before what matches `end`."""
    return rf"(?!(?:root|admin|administrator|postgres|guest|default|sa|system|user|username)?{end})"


_KEY_ACCOUNT = (
    "(?:oauth2|x-token-auth|x-access-token|gitlab-ci-token|_?token|(?:AKIA|ASIA|AKID|LTAI)[A-Za-z0-9]{10,32})"
)
ISSUED = r"(?:gh[opusr]_|github_pat_|glpat-|glptt-|sk-|xox[abp]-|npm_|pypi-|hf_|dckr_pat_)"
"""Regex of what issuers put before their keys."""
_OF_TOKEN = rf"(?:{_KEY_ACCOUNT}:|[^:/@]{{0,64}}:{ISSUED})"
_SAMPLE = r"(?!(?:user|username):(?:password|passwd|pass|pwd)@)"
_MAIL_DOMAIN = "(?:@[A-Za-z0-9-]{1,63}(?:[.][A-Za-z0-9-]{1,63}){1,4})"
_AUTHORITY = "(?P<web>(?<=http)|(?<=https))?://"


def _up_to_last_at(end: str) -> str:
    """What stands before the last `@` of an address in which a character of `end` begins the path."""
    return rf"[^@{end}{_STOP}]{{1,100}}(?:@[^@,;?{end}{_STOP}]{{1,64}}){{0,4}}(?=@[A-Za-z0-9_.\[{{$-])"


_SECRET = rf"(?![0-9]{{0,5}}/)(?(web){_up_to_last_at('/')}|{_up_to_last_at('')})"

CREDENTIAL_ACCOUNT = (
    rf"{_AUTHORITY}{_SAMPLE}{_not_built_in(':')}(?!{_KEY_ACCOUNT}:)(?P<value>{_WRITTEN}{_ACCOUNT})(?=:{_SECRET})"
)
"""The account of `scheme://account:password@host`, unless it comes with the system."""
CREDENTIAL_PASSWORD = (
    rf"{_AUTHORITY}{_SAMPLE}(?!{_OF_TOKEN})(?:{_ACCOUNT}{_MAIL_DOMAIN}?)?:(?P<value>{_WRITTEN}{_SECRET})"
)
"""The password of `scheme://account:password@host`: up to the last `@` before the path.

A web address has no slash in its password; other programs take one.
"""
CREDENTIAL_TOKEN = rf"{_AUTHORITY}(?={_OF_TOKEN}){_ACCOUNT}:(?P<value>{_WRITTEN}{_SECRET})"
"""The token that `https://oauth2:token@host` and the like have in place of a password."""
_CODE = r"[a-z_]{1,20}[.(\[]"
PARAMETER_PASSWORD = (
    r"(?:[?&;] ?|[\"'](?=[a-z]{3,8}=[A-Za-z]{0,64}[^A-Za-z\"' ]))(?:password|passwd|pwd) ?= ?"
    rf"(?P<value>{_WRITTEN}(?![/~]|{_CODE})[^&;{_STOP}]{{1,128}})"
)
"""The password of `jdbc:…?password=…`, `Server=…;Password=…;` and `"password=…"`, where it is more than letters."""
PARAMETER_ACCOUNT = (
    rf"(?<![A-Za-z0-9_.-])(?i:user|user ?name|user ?id|uid) ?= ?{_not_built_in('[&; ]')}"
    rf"(?P<value>{_WRITTEN}[A-Za-z0-9_.@\\-]{{1,64}})"
    rf"(?=[&; ](?:[^{_STOP}]| ){{0,80}}?(?i:password|passwd|pwd) ?=)"
)
"""The account before such a password."""
_ORACLE = r"(?:jdbc:oracle:[a-z]{3,6}:|sqlplus (?:-[A-Z] )?)"
_ORACLE_ACCOUNT = "[A-Za-z][A-Za-z0-9_$#]{1,30}"
ORACLE_ACCOUNT = rf"{_ORACLE}(?!sys(?:tem)?/)(?P<value>{_ORACLE_ACCOUNT})(?=/[^@{_STOP}]{{1,64}}@)"
"""The account of `jdbc:oracle:thin:account/password@host` and `sqlplus account/password@host`."""
ORACLE_PASSWORD = rf"{_ORACLE}{_ORACLE_ACCOUNT}/(?P<value>{_WRITTEN}[^@{_STOP}]{{1,64}})(?=@)"
"""Its password."""
OPTION_ACCOUNT = rf" -u ?\"?{_not_built_in('[: ]')}(?P<value>{_WRITTEN}[A-Za-z0-9_.-]{{1,64}})(?=:|\"? -[hpP])"
"""The account in the option `-u` of curl or a client of a database."""
OPTION_PASSWORD = rf" -p[\"']?(?P<value>{_WRITTEN}[^{_STOP}]{{3,64}})"
"""The password in the option `-p` of a client of a database."""
SHELL_ACCOUNT = (
    rf"(?<![A-Za-z0-9_.+%:/@-]){_not_built_in('@')}(?P<value>[A-Za-z_][A-Za-z0-9_.-]{{0,31}})"
    r"@(?=(?:[0-9]{1,3}[.]){3}[0-9]{1,3}(?![0-9A-Za-z.]))"
)
"""The account of `account@192.0.2.1`."""
_HASHED = r"[a-z0-9_]{0,16}\$[0-9a-z]{1,8}\$"
QUOTED_PASSWORD = (
    r"(?:password|passwd|passphrase|pwd|密码|口令)[\"']? ?[:=] ?(?P<quote>[\"'])"
    rf"(?P<value>{_WRITTEN}(?![/~])(?!{_HASHED})(?![a-z]{{1,12}}\|)(?=[A-Za-z]{{0,64}}[^A-Za-z\"' ])"
    r"(?:(?!(?P=quote))[!-\[\]-~]|\\[!-~]){4,128})"
    r"(?=(?P=quote)(?:[ ,;)}\]]|$))"
)
"""A password in quotes, with escapes, in JSON and the like; it is more than letters."""

BEARER = r"[Bb]earer {1,2}(?P<value>(?=[A-Za-z._~+/-]{0,60}[0-9])[A-Za-z0-9._~+/-]{11,4000}[A-Za-z0-9_~+/-]={0,2})"
"""The token of a header `Authorization: Bearer …` (RFC 6750)."""
BASIC = r"[Aa]uthorization[\"']?[:=] ?[\"']?Basic (?P<value>[A-Za-z0-9+/]{8,512}={0,2})"
"""The credentials of a header `Authorization: Basic …` (RFC 7617)."""
JWT = r"(?P<value>eyJ[A-Za-z0-9_-]{8,2000}\.eyJ[A-Za-z0-9_-]{8,4000}\.[A-Za-z0-9_-]{16,1000})"
"""A JSON web token (RFC 7519)."""
BASE64_KEY = (
    r"(?<!(?i:ublic))(?<!(?i:ublic[_ -]))(?i:token|secret|[_ -]?key|密钥|秘钥|令牌)[\"']?"
    r" ?(?:[:=]|=>|是|为) ?[\"']?"
    r"(?P<value>(?=[A-Za-z0-9_.-]{1,80}[+/=])(?=[A-Za-z+/_.-]{0,60}[0-9])"
    r"(?=[a-z0-9+/_.-]{0,60}[A-Z])(?=[A-Z0-9+/_.-]{0,60}[a-z])"
    r"[A-Za-z0-9+/_.-]{15,1024}[A-Za-z0-9+/_-]={0,2})(?![A-Za-z0-9+/=_-])"
)
"""A key in Base64 (RFC 4648) behind the word for it."""
_LABEL = r"(?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?"
_BODY = r"(?:[^-]|-(?!----)){1,20000}"
_CUT_OFF = r"(?:(?: |\\[nr]){1,8}[A-Za-z0-9+/=]{16,128}){1,200}"
PEM = rf"(?P<value>-----BEGIN {_LABEL}-----(?:{_BODY}-----END {_LABEL}-----|{_CUT_OFF}))"
"""A private key in PEM (RFC 7468) with its first and last line; without the last one where it was cut off."""
