# syntax=docker/dockerfile:1
#
# Two images: the server, complete in one static file (the default target), and
# "frontend", a Caddy that ends TLS, serves the app's files and hands the rest on
# to the server.

FROM --platform=$BUILDPLATFORM node:22-bookworm-slim AS web
WORKDIR /src/frontend
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc ./
RUN --mount=type=cache,target=/root/.npm npm ci --no-audit --no-fund
COPY frontend ./
RUN npm run build

FROM --platform=$BUILDPLATFORM golang:1.26.8-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
COPY --from=web /src/frontend/build frontend/build
ARG TARGETOS TARGETARCH VERSION=unknown
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH \
    go build -trimpath -buildvcs=false -ldflags "-s -w -X main.version=$VERSION" -o /out/drystone ./cmd/drystone
RUN mkdir -p /out/data /out/tmp

FROM caddy:2 AS frontend
COPY deploy/Caddyfile /etc/caddy/Caddyfile
COPY --from=web /src/frontend/build /srv/frontend

FROM scratch AS drystone
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build --chown=65532:65532 /out/tmp /tmp
COPY --from=build --chown=65532:65532 /out/data /data
COPY --from=build /out/drystone /drystone
USER 65532:65532
ENV DRYSTONE_DATABASE=sqlite:/data/drystone.db \
    DRYSTONE_MEDIA=file:/data/media
VOLUME /data
EXPOSE 8080
ENTRYPOINT ["/drystone"]
CMD ["serve"]
