"""A signed document is verified by whoever has it and trusts the key, and any change is found."""

import json
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.credentials import CredentialInvalid, Document, Signer, verify

NOW = datetime(2023, 3, 1, 4, tzinfo=UTC)
SIGNER = Signer(b"k" * 32)
CONTENT: Document = {
    "@context": ["https://www.w3.org/ns/credentials/v2"],
    "type": ["VerifiableCredential"],
    "subject": {"name": "食品营养学", "credits": 2.5, "none": None, "list": [1, {"a": True}]},
}
SIGNED = SIGNER.sign(CONTENT, now=NOW)


def test_a_signed_document_is_verified_by_its_key() -> None:
    assert verify(SIGNED, trusted={SIGNER.did}) == SIGNER.did
    assert {name: SIGNED[name] for name in CONTENT} == CONTENT


def test_it_survives_being_written_in_another_order_and_with_other_blanks() -> None:
    text = json.dumps(dict(reversed(SIGNED.items())), indent=3, ensure_ascii=True)
    assert verify(json.loads(text), trusted={SIGNER.did}) == SIGNER.did


def test_it_is_the_proof_of_the_specification() -> None:
    # "Representation: eddsa-jcs-2022" of https://www.w3.org/TR/vc-di-eddsa.
    secret = bytes.fromhex("c96ef9ea10c5e414c471723aff9de72c35fa5b70fae97e8832ecac7d2e2b8ed6")
    signer = Signer(secret)
    assert signer.did == "did:key:z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
    document = {
        "@context": [
            "https://www.w3.org/ns/credentials/v2",
            "https://www.w3.org/ns/credentials/examples/v2",
        ],
        "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
        "type": ["VerifiableCredential", "AlumniCredential"],
        "name": "Alumni Credential",
        "description": "A minimum viable example of an Alumni Credential.",
        "issuer": "https://vc.example/issuers/5678",
        "validFrom": "2023-01-01T00:00:00Z",
        "credentialSubject": {
            "id": "did:example:abcdefgh",
            "alumniOf": "The School of Examples",
        },
    }
    signed = signer.sign(document, now=datetime(2023, 2, 24, 23, 36, 38, tzinfo=UTC))
    assert signed["proof"]["proofValue"] == (
        "z2HnFSSPPBzR36zdDgK8PbEHeXbR56YF24jwMpt3R1eHXQzJDMWS93FCzpvJpwTWd3GAVFuUfjoJdcnTMuVor51aX"
    )


def test_another_key_is_not_trusted() -> None:
    other = Signer(b"o" * 32)
    with pytest.raises(CredentialInvalid):
        verify(SIGNED, trusted={other.did})
    with pytest.raises(CredentialInvalid):
        verify(other.sign(CONTENT, now=NOW), trusted={SIGNER.did})


def test_a_signature_of_another_key_under_the_trusted_name_is_found() -> None:
    forged = Signer(b"o" * 32).sign(CONTENT, now=NOW)
    forged["proof"]["verificationMethod"] = SIGNED["proof"]["verificationMethod"]
    with pytest.raises(CredentialInvalid):
        verify(forged, trusted={SIGNER.did})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("type", "Ed25519Signature2020"),
        ("@context", ["https://www.w3.org/2018/credentials/v1"]),
        ("cryptosuite", "eddsa-rdfc-2022"),
        ("proofPurpose", "authentication"),
        ("created", "2023-03-02T04:00:00Z"),
        ("verificationMethod", None),
        ("verificationMethod", f"{SIGNER.did}#{Signer(b'o' * 32).did}"),
        ("proofValue", None),
        ("proofValue", "z"),
        ("proofValue", "z0OIl"),
        ("proofValue", "u" + "1" * 88),
        ("proofValue", "z" + "1" * 1_000_000),
    ],
)
def test_an_altered_proof_is_found(field: str, value: Any) -> None:
    altered = deepcopy(SIGNED)
    altered["proof"][field] = value
    with pytest.raises(CredentialInvalid):
        verify(altered, trusted={SIGNER.did})


@pytest.mark.parametrize("proof", [None, [], [SIGNED["proof"]], "proof"])
def test_a_document_without_its_one_proof_is_refused(proof: Any) -> None:
    with pytest.raises(CredentialInvalid):
        verify({**CONTENT, "proof": proof}, trusted={SIGNER.did})


def paths(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the way to each value in a document."""
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    found = [path for key, part in items for path in paths(part, (*here, key))]
    return found or [here]


SCALARS = st.none() | st.booleans() | st.integers(-1000, 1000) | st.text(max_size=5)


@given(st.sampled_from(paths(CONTENT)), SCALARS)
def test_any_other_value_anywhere_is_found(path: tuple[Any, ...], value: Any) -> None:
    altered = deepcopy(SIGNED)
    place: Any = altered
    for step in path[:-1]:
        place = place[step]
    if place[path[-1]] == value and type(place[path[-1]]) is type(value):
        return
    place[path[-1]] = value
    with pytest.raises(CredentialInvalid):
        verify(altered, trusted={SIGNER.did})


@given(st.binary(min_size=32, max_size=32))
def test_every_key_is_read_from_its_name(secret: bytes) -> None:
    signer = Signer(secret)
    assert verify(signer.sign(CONTENT, now=NOW), trusted={signer.did}) == signer.did
