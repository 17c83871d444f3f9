"""RSA keys for the simulator: made by openssl, checked in plain Python.

Signatures are RSASSA-PKCS1-v1_5 with SHA-256 (RS256 of RFC 7518).
"""

import base64
import hashlib
import subprocess

# DigestInfo of SHA-256 (RFC 8017, section 9.2, note 1)
SHA256_PREFIX = bytes.fromhex('3031300d060960864801650304020105000420')
EXPONENT = 65537


def openssl(*arguments, data=None):
    return subprocess.run(('openssl',) + arguments, input=data, check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout


def make_key(bits=2048):
    """A new private key: (PKCS#8 PEM text, modulus)."""
    pem = openssl('genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:%d' % bits)
    return pem.decode(), modulus_of(pem)


def modulus_of(pem):
    answer = openssl('rsa', '-noout', '-modulus', data=pem).decode()
    return int(answer.strip().split('=')[1], 16)


def b64url_decode(text):
    """Strict base64url without padding; ValueError for anything else."""
    if '=' in text or '+' in text or '/' in text:
        raise ValueError('not base64url')
    return base64.b64decode(text + '=' * (-len(text) % 4), altchars='-_', validate=True)


def verify(modulus, message, signature):
    """True when signature is that of message under (modulus, 65537)."""
    size = (modulus.bit_length() + 7) // 8
    if len(signature) != size:
        return False
    number = int.from_bytes(signature, 'big')
    if number >= modulus:
        return False
    block = pow(number, EXPONENT, modulus).to_bytes(size, 'big')
    tail = SHA256_PREFIX + hashlib.sha256(message).digest()
    return block == b'\x00\x01' + b'\xff' * (size - len(tail) - 3) + b'\x00' + tail
