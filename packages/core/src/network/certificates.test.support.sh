#!/bin/sh
# Makes certificates.test.support.ts anew: sh certificates.test.support.sh > certificates.test.support.ts
# Needs OpenSSL. Every key is for tests only; every certificate is valid from 2020 until 2120.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

touch index.txt
cat > ca.cnf <<'CONFIGURATION'
[ca]
default_ca = tests
[tests]
database = index.txt
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = names
unique_subject = no
[names]
commonName = supplied
CONFIGURATION

# certificate NAME COMMON_NAME EXTENSIONS ISSUER, which is the same name where it is signed by itself
certificate() {
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key" 2>/dev/null
  openssl req -new -key "$1.key" -subj "/CN=$2" -out "$1.csr"
  printf '%b\n' "$3" > "$1.ext"
  if [ "$1" = "$4" ]; then issuer=-selfsign; else issuer="-cert $4.pem"; fi
  # shellcheck disable=SC2086 -- two words where there are two
  openssl ca -batch -config ca.cnf -notext -in "$1.csr" -out "$1.pem" -keyfile "$4.key" $issuer \
    -extfile "$1.ext" -startdate 20200101000000Z -enddate 21200101000000Z 2>/dev/null
}

# identity NAME EXPORTED_NAME DESCRIPTION
identity() {
  printf '\n/** %s */\nexport const %s: TestIdentity = {\n' "$3" "$2"
  printf '  certificate: `%s\n`,\n  privateKey: `%s\n`,\n};\n' "$(cat "$1.pem")" "$(cat "$1.key")"
}

AUTHORITY='basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash'
certificate authority 'Slipline test authority' "$AUTHORITY" authority
certificate stranger 'Another test authority' "$AUTHORITY" stranger
certificate server server.test 'subjectAltName=DNS:server.test,IP:127.0.0.1,IP:::1' authority
certificate client client.test 'subjectAltName=DNS:client.test' authority
certificate appliance appliance.test 'subjectAltName=DNS:appliance.test' appliance
certificate replaced appliance.test 'subjectAltName=DNS:appliance.test' replaced

cat <<'HEADER'
// Made by certificates.test.support.sh, for tests only: these keys are public.

export interface TestIdentity {
  /** PEM. */
  readonly certificate: string;
  /** PEM. */
  readonly privateKey: string;
}
HEADER
printf '\n/** PEM of the CA that vouches for `SERVER` and `CLIENT`. */\nexport const AUTHORITY = `%s\n`;\n' "$(cat authority.pem)"
printf '\n/** PEM of a CA that vouches for nobody here. */\nexport const STRANGER = `%s\n`;\n' "$(cat stranger.pem)"
identity server SERVER 'For server.test, 127.0.0.1 and ::1.'
identity client CLIENT 'What a client shows.'
identity appliance APPLIANCE 'For appliance.test, signed by itself.'
identity replaced REPLACED 'For appliance.test, signed by itself, with another key.'
