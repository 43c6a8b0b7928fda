# The MTA of pod_test.py: Debian 13's Postfix, 3.10, as it comes. Routes lie in a file, which the test mounts.
FROM localhost/debian:trixie-slim
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends postfix \
 && postconf -P rewrite/unix/transport_maps=texthash:/etc/postfix/transport
