"""What labels and the syntax of programs name, and where such values begin and end."""

import pytest

from schemas.taxonomy import EntityType
from serving.engines.rules.engine import RulesEngine
from tests.serving.engines.rules.marks import unmark

T = EntityType

NAMED = [
    (T.PHONE_NUMBER, "店里座机：[6543210]，店主在"),
    (T.PHONE_NUMBER, "物业 [8612 3456]转12，门卫室[5551234]"),
    (T.PHONE_NUMBER, "Office phone: [2803-4455], fax no. [2803 4456] ext. 3"),
    (T.PHONE_NUMBER, "联系电话[62001122]、[62001123]"),
    (T.PHONE_NUMBER, "手机[壹伍零贰贰叁叁肆肆伍伍]，备用[幺五零 二二三三 四四〇五]"),
    (T.PHONE_NUMBER, "固话[零二八八六一二三四五六]"),
    (T.PASSWORD, "redis://:[q@7/x]@cache-2:6379/1"),
    (T.PASSWORD, "jdbc:mysql://db:3306/a?password=[k#9x]&ssl=true"),
    (T.PASSWORD, 'curl -d "password=[Abc12345]" https://a.example'),
    (T.PASSWORD, '{"id":3,"db_password" : "[a\\"b\\\\7]"}'),
    (T.PASSWORD, 'password: "[a\\"b7]"\nport: 1'),
    (T.SECRET_KEY, "https://oauth2:[glpat-Zz99yyXX88ww77VV66uu]@git.example.com/a.git"),
    (T.SECRET_KEY, "Authorization: Bearer [mF_9.B5f-4.1JqM/x+y==]"),
    (T.SECRET_KEY, "Authorization: Basic [bGl1OmFiYw==]"),
    (T.SECRET_KEY, "storage_key = [c2Vj/cmV0+MTIzNDU2Nzg5QUI=]"),
    (T.SECRET_KEY, "见[eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJlMTIzNDU2]。"),
    (T.SECRET_KEY, "[-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIOx\n+a/b==\n-----END EC PRIVATE KEY-----]\n完"),
    (T.SECRET_KEY, "[-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0w]"),
    (T.ID_CARD_NUMBER, "HKID [M4455667]，香港身份證號碼：[P112233(4)]"),
    (T.ID_CARD_NUMBER, "統一證號 [FB00000013]，身分證字號[B234567890]"),
    (T.PASSPORT_NUMBER, "旅客證件號[E11223344]，护照[EB7654321]ok"),
    (T.SOCIAL_SECURITY_NUMBER, "His social security number is [123-45-6780], SSN: [123 45 6781]"),
    (T.SOCIAL_SECURITY_NUMBER, "The SSN was changed from [123-45-6780] to [123-45-6782]."),
    (T.PHONE_NUMBER, "| 座机 | [6543210] |"),
    (T.PHONE_NUMBER, "Call the office at [6543 2109] after ten, 报修请打[65432108]"),
    (T.PASSWORD, "mysql -u root -p'[k9x-7]' sales"),
    (T.PASSWORD, "{'password': '[k9\\'x7]'}"),
    (T.ID_CARD_NUMBER, "國民身分證 [B234567890]，ARC No. [FB00000013]"),
    (T.TAX_NUMBER, "統編：[04595257]，VAT number: [DE123456788]"),
]

BESIDE_OTHERS = [
    (T.USERNAME, "jdbc:mysql://db/app?user=[nightly]&password=k9x-7"),
    (T.USERNAME, "Server=db1;User Id=[loader];Password=k9x-7;"),
    (T.USERNAME, "host=db user=[loader] password=k9x-7"),
    (T.USERNAME, "sqlplus [loader]/k9x-7@sales"),
    (T.PASSWORD, "jdbc:oracle:thin:loader/[k9x-7]@db1:1521:sales"),
    (T.USERNAME, "mysqldump -h db -u [loader] -pk9x-7 sales"),
    (T.USERNAME, "scp report.csv [loader]@192.0.2.7:/srv"),
    (T.PASSWORD, "smtp://robot@mail.example.org:[k9@x7]@smtp.example.org:465"),
]

NOTHING = [
    "客服电话 400-1234-567，拨打95588-123",
    "编号6543210，共 8612 3456 件",
    "二〇二四年一月，一二三四五六七八九十一",
    "postgres://user:password@host:5432/db",
    "mysql://${USER}:${PASS}@db/app",
    "https://registry.example.com:443/@scope/pkg",
    "http://localhost:8080/user@example",
    '{"password":"string"} {"password":"<your password>"} {"pwd_hash":"a1b2c3"}',
    "Bearer authentication is required",
    "public_key = c2Vj/cmV0+MTIzNDU2Nzg5QUI=",
    "-----BEGIN PUBLIC KEY-----\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0w\n-----END PUBLIC KEY-----",
    "part no. 123-45-6780",
    "E11223344 次",
    "office:20240131，联系 2021-2022 学年，前台 6543210 用户，call 6543210 times",
    "connect(user=user, password=password)",
    "query = 'password=' + word + \"pwd=required\"",
    "user = User.objects.get(id=1); password = form.password",
    'password: "required|min:8"',
    "curl -u option, mysql -u root -p, react@4.30",
    "VAT 20%, the arc of history",
]


def _found(text: str) -> list[tuple[EntityType, str]]:
    prediction = RulesEngine().detect([text])[0]
    return [(entity.type, f"{entity.start}:{prediction.value(entity)}") for entity in prediction.entities]


@pytest.mark.parametrize(("kind", "marked"), NAMED)
def test_finds_exactly_the_marked_values(kind: EntityType, marked: str) -> None:
    text, values = unmark(marked)
    assert values
    assert _found(text) == [(kind, value) for value in values]


@pytest.mark.parametrize(("kind", "marked"), BESIDE_OTHERS)
def test_finds_the_marked_value_beside_others(kind: EntityType, marked: str) -> None:
    text, values = unmark(marked)
    assert [value for found, value in _found(text) if found is kind] == values


@pytest.mark.parametrize("text", NOTHING)
def test_finds_nothing(text: str) -> None:
    assert _found(text) == []


def test_account_and_password_of_an_address_are_two_values_whatever_the_host() -> None:
    for host in ("db", "pg.internal.example.com:5432", "db-1,db-2"):
        assert _found(f"mongodb://orders:p@55w:rd@{host}/a?mail=b") == [
            (T.USERNAME, "10:orders"),
            (T.PASSWORD, "17:p@55w:rd"),
        ]


def test_an_account_that_comes_with_the_system_is_nobodys() -> None:
    assert _found("postgres://postgres:Zx81k@db/a") == [(T.PASSWORD, "20:Zx81k")]


def test_a_requested_url_is_found_whole() -> None:
    text = "https://li:s3cret@example.com/a"
    assert [entity.type for entity in RulesEngine().detect([text], [T.URL, T.PASSWORD])[0].entities] == [T.URL]
