# An image of `holdfast serve`, Chromium inside: docs/deploy/docker.md.
ARG NODE_VERSION=24
ARG DEBIAN=trixie

FROM node:${NODE_VERSION}-${DEBIAN}-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY . .
RUN npm run build
# Whoever installs the package brings the client of their store; the image brings them all, in the
# versions of the lock.
RUN for client in mongodb pg redis @aws-sdk/client-s3; do \
      version=$(node -p "require('./package.json').devDependencies['$client']") \
      && npm pkg delete "devDependencies.$client" \
      && npm pkg set "dependencies.$client=$version" \
      || exit 1; \
    done \
 && npm prune --omit=dev --ignore-scripts \
 && chmod +x dist/cli/main.js

FROM debian:${DEBIAN}-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends chromium fonts-liberation tini \
 && rm -rf /var/lib/apt/lists/*
COPY --from=build /usr/local/bin/node /usr/local/bin/node
COPY --from=build /build/package.json /build/LICENSE /app/
COPY --from=build /build/node_modules /app/node_modules
COPY --from=build /build/dist /app/dist
COPY --chmod=755 deploy/docker/chromium /usr/local/bin/chromium
RUN ln -s /app/dist/cli/main.js /usr/local/bin/holdfast \
 && useradd --uid 10001 --user-group --create-home --home-dir /var/lib/holdfast holdfast \
 && install -d -o holdfast -g holdfast -m 700 /var/lib/holdfast/profiles

ENV NODE_ENV=production
USER 10001:10001
WORKDIR /var/lib/holdfast
EXPOSE 8480
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8480/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# Without -g: Chromium must not get the signal itself, its worker closes it.
ENTRYPOINT ["tini", "--", "holdfast"]
CMD ["serve", "--host", "0.0.0.0", "--data-path", "/var/lib/holdfast/profiles"]
