"""Who calls: verifies the bearer token of a call and returns the caller that it proves.

Every service does this itself, whatever stood in front of it. It must not decide what a caller
may do, and real time, not business time, is what tokens are measured by.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

from joserfc import jwt
from joserfc.errors import JoseError

from chassis.cache import ExpiringCache
from chassis.errors import NotAuthenticated, ServiceUnavailable
from chassis.jwks import IssuerKeys

ALGORITHM = "ES256"
_SCHEME = "Bearer "
_VALUE_MAX_CHARS = 8 * 1024
_NAME_MAX_CHARS = 200
_ROLES_MAX = 64
# Beyond any token's time; keeps NaN, infinity and huge numbers out of the arithmetic.
_INSTANT_MAX_S = 1e12
# Clocks of issuer and service may differ by this much before "not yet valid" is believed.
_SKEW_S = 30.0
# How often, at most, a call that needs no key looks whether the issuer's keys have changed.
_LOOK_S = 1.0


@dataclass(frozen=True, slots=True)
class Caller:
    """A principal: who, for which organisation (its slug), in which roles."""

    subject: str
    organisation: str
    roles: frozenset[str]


class TokenVerifier:
    """Verifies `authorization` values; each token once, then from memory until it expires."""

    def __init__(self, jwks: str, issuer: str, audience: str, *, cache_size: int = 10_000) -> None:
        """Take a path or http(s) address of the issuer's keys, and whose tokens for whom count."""
        self._keys = IssuerKeys(jwks)
        self._issuer = issuer
        self._audience = audience
        self._callers: ExpiringCache[str, Caller] = ExpiringCache(cache_size)
        self._generation = 0
        self._look_s = 0.0
        # So that keys at an address are under way before the first call.
        self._keys.refresh()

    def verify(self, authorization_value: str, now: datetime) -> Caller:
        """Return the caller whom a header value such as "Bearer eyJ..." proves.

        Raises NotAuthenticated with the failed check as `problem`, or ServiceUnavailable (try
        again) when the key that the token names may be among those that are being fetched.
        """
        now_s = now.timestamp()
        if now_s >= self._look_s:
            self._look(now_s)
        caller = self._callers.find(authorization_value, now_s)
        if caller is None:
            caller, expiry_s = self._verify_anew(authorization_value, now_s)
            self._callers.put(authorization_value, caller, expiry=expiry_s)
        return caller

    def _look(self, now_s: float) -> None:
        self._look_s = now_s + _LOOK_S
        self._keys.refresh()
        self._forget_if_keys_changed()

    def _forget_if_keys_changed(self) -> None:
        # A key may have been withdrawn, and with it every token that it signed.
        if self._generation != self._keys.generation:
            self._generation = self._keys.generation
            self._callers.clear()

    def _verify_anew(self, value: str, now_s: float) -> tuple[Caller, float]:
        if not value:
            _refuse("TOKEN_MISSING")
        if not value.startswith(_SCHEME) or len(value) > _VALUE_MAX_CHARS:
            _refuse("TOKEN_MALFORMED")
        token = value.removeprefix(_SCHEME)
        claims = self._check_signature(token, _header_of(token))
        expiry_s = self._check_claims(claims, now_s)
        return _caller_of(claims), expiry_s

    def _check_signature(self, token: str, header: Mapping[str, Any]) -> Mapping[str, Any]:
        if header.get("alg") != ALGORITHM or "crit" in header:
            _refuse("ALGORITHM_NOT_ACCEPTED")
        kid = header.get("kid")
        if not isinstance(kid, str | None):
            _refuse("TOKEN_MALFORMED")
        key = self._keys.find(kid)
        self._forget_if_keys_changed()
        if key is None:
            if self._keys.is_loading:
                raise ServiceUnavailable
            _refuse("KEY_UNKNOWN")
        try:
            return jwt.decode(token, key, algorithms=[ALGORITHM]).claims
        except (JoseError, ValueError):
            _refuse("SIGNATURE_INVALID")

    def _check_claims(self, claims: Mapping[str, Any], now_s: float) -> float:
        """Refuse a token of another issuer, audience or time; return its expiry in seconds."""
        if claims.get("iss") != self._issuer:
            _refuse("ISSUER_NOT_ACCEPTED")
        audience = claims.get("aud")
        if self._audience not in (audience if isinstance(audience, list) else [audience]):
            _refuse("AUDIENCE_NOT_ACCEPTED")
        expiry_s = _instant(claims, "exp")
        if expiry_s is None:
            _refuse("CLAIM_MISSING_EXP")
        if expiry_s <= now_s:
            _refuse("TOKEN_EXPIRED")
        starts = (_instant(claims, "nbf"), _instant(claims, "iat"))
        if any(start is not None and start > now_s + _SKEW_S for start in starts):
            _refuse("TOKEN_NOT_YET_VALID")
        return expiry_s


def _header_of(token: str) -> Mapping[str, Any]:
    """Decode the unproven header, which says only which key to check the signature with."""
    segment = token.partition(".")[0]
    try:
        header = json.loads(base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        _refuse("TOKEN_MALFORMED")
    if not isinstance(header, dict):
        _refuse("TOKEN_MALFORMED")
    return header


def _caller_of(claims: Mapping[str, Any]) -> Caller:
    roles = claims.get("roles")
    if not isinstance(roles, list) or len(roles) > _ROLES_MAX:
        _refuse("CLAIM_MISSING_ROLES")
    if not all(isinstance(role, str) and 0 < len(role) <= _NAME_MAX_CHARS for role in roles):
        _refuse("CLAIM_MISSING_ROLES")
    return Caller(
        subject=_name(claims, "sub"),
        organisation=_name(claims, "org"),
        roles=frozenset(roles),
    )


def _name(claims: Mapping[str, Any], claim: str) -> str:
    value = claims.get(claim)
    if not isinstance(value, str) or not value.isprintable():
        _refuse(f"CLAIM_MISSING_{claim.upper()}")
    if not 0 < len(value) <= _NAME_MAX_CHARS:
        _refuse(f"CLAIM_MISSING_{claim.upper()}")
    return value


def _instant(claims: Mapping[str, Any], claim: str) -> float | None:
    value = claims.get(claim)
    if value is None:
        return None
    # bool is an int in Python, and JSON as Python reads it knows NaN and Infinity.
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not 0 <= value < _INSTANT_MAX_S:
        _refuse(f"CLAIM_MISSING_{claim.upper()}")
    return float(value)


def _refuse(problem: str) -> NoReturn:
    raise NotAuthenticated(problem=problem)
