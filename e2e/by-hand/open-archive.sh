#!/bin/sh
# Checks and opens an archive with stock tools, as docs/format/archive.md tells a person to.
set -eu
export LC_ALL=C.UTF-8
archive=$1
identity=${2-}

mkdir opened
case $archive in
*.age)
  age --decrypt ${identity:+--identity "$identity"} --output opened/archive.zip "$archive"
  archive=opened/archive.zip
  ;;
esac

unzip -p "$archive" manifest.json > opened/manifest.json
unzip -p "$archive" manifest.json.sig > opened/manifest.json.sig

key=$(sed -n 's/^"shop":{"id":"[0-9a-f]*","publicKey":"\([A-Za-z0-9+/=]*\)".*/\1/p' opened/manifest.json)
printf -- '-----BEGIN PUBLIC KEY-----\n%s\n-----END PUBLIC KEY-----\n' "$key" > opened/shop.pem
openssl pkeyutl -verify -pubin -inkey opened/shop.pem -rawin -in opened/manifest.json -sigfile opened/manifest.json.sig

echo "signed with the key $key"

sed -n 's/^{"path":"\(.*\)","bytes":[0-9]*,"sha256":"[0-9a-f]*".*/\1/p' opened/manifest.json > opened/signed-names
printf '%s\n' manifest.json manifest.json.sig >> opened/signed-names
unzip -Z1 "$archive" > opened/names
cmp opened/signed-names opened/names

unzip -q "$archive" -d opened/files
cmp opened/manifest.json opened/files/manifest.json
cd opened/files
sed -n 's/^{"path":"\(.*\)","bytes":[0-9]*,"sha256":"\([0-9a-f]*\)".*/\2  \1/p' manifest.json |
  sha256sum --check --quiet --strict

case $(sed -n '1s/.*"holds":"\([a-z]*\)".*/\1/p' manifest.json) in
shop) set -- */database/*.db ;;
*) set -- database/*.db ;;
esac
for database in "$@"; do
  sqlite3 "$database" 'PRAGMA integrity_check' | grep -x ok
done
