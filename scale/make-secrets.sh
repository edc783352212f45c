#!/bin/sh
# Makes each secret once, and gives each container a copy of those that it needs. What exists is kept: PostgreSQL takes
# its passwords when it is set up, and never again. `npm run k8s:secrets` does so in a folder of its own.
set -eu
umask 022 # a volume of copies has one reader, whose user has another number in each image

secret() {
  if [ ! -s "kept/$1" ]; then
    (umask 077 && head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=' >"kept/$1.new")
    sync
    mv "kept/$1.new" "kept/$1" # so that it is there whole or not at all
  fi
  cat "kept/$1"
}

# A file that has not changed stays the same file.
give() {
  cat >"$1.new"
  if cmp -s "$1.new" "$1"; then rm "$1.new"; else mv "$1.new" "$1"; fi
}

folder=${1:-/secrets}
(umask 077 && mkdir -p "$folder")
cd "$folder"
mkdir -p kept postgres rabbitmq user-service order-service
secret postgres | give postgres/superuser-password
secret admin-key | give user-service/admin-key
for service in user-service order-service; do
  secret "$service-database" | give "postgres/$service-password"
  secret "$service-database" | give "$service/database-password"
  secret "$service-broker" | give "$service/broker-password"
done

# RabbitMQ reads its users at each start. A service may use the exchange of the events, and queues of its own.
broker_user() {
  printf '{ "name": "%s", "password": "%s", "tags": [] }' "$1" "$(secret "$1-broker")"
}
permission() {
  own="^(tandem\\\\.events|$1\\\\..*)\$"
  printf '{ "user": "%s", "vhost": "/", "configure": "%s", "write": "%s", "read": "%s" }' "$1" "$own" "$own" "$own"
}
give rabbitmq/definitions.json <<END
{
  "vhosts": [{ "name": "/" }],
  "users": [$(broker_user user-service), $(broker_user order-service)],
  "permissions": [$(permission user-service), $(permission order-service)]
}
END
