# syntax=docker/dockerfile:1

# The bundles need neither the development tools nor any install script.
FROM oven/bun:1.4.5-slim AS build
WORKDIR /build
COPY package.json bun.lock ./
COPY patches patches
RUN bun install --frozen-lockfile --production --ignore-scripts
COPY tsconfig.json ./
COPY db db
COPY src src
RUN bun run build

# Distroless: glibc, the Bun binary and nothing else, not even a shell; about as small as the Alpine variant.
FROM oven/bun:1.4.5-distroless
LABEL org.opencontainers.image.title="Retyn AVM" \
      org.opencontainers.image.description="What is a Dubai property worth, and how sure are we" \
      org.opencontainers.image.licenses="MIT"
ENV NODE_ENV=production \
    PORT=8000
WORKDIR /app
COPY db/migrations db/migrations
COPY deploy/health-check.ts health-check.ts
COPY --from=build /build/dist ./
# The `nonroot` user of distroless images, by number so that `runAsNonRoot` of Kubernetes can see it.
USER 65532:65532
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s --retries=3 \
    CMD ["/usr/local/bin/bun", "health-check.ts"]
ENTRYPOINT ["/usr/local/bin/bun"]
CMD ["server.js"]
