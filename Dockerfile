# The Millrace worker with its REST API and log.
#   docker build -t millrace .
#   docker run --rm -p 127.0.0.1:8083:8083 -p 127.0.0.1:9092:9092 -v millrace:/data millrace

FROM node:20-bookworm-slim AS build
WORKDIR /build
COPY . .
RUN npm ci && npm run build && npm prune --omit=dev

FROM node:20-bookworm-slim
ENV NODE_ENV=production
WORKDIR /opt/millrace
COPY --from=build /build/package.json ./
COPY --from=build /build/node_modules ./node_modules
COPY --from=build /build/libs ./libs
COPY --from=build /build/connectors ./connectors
COPY --from=build /build/apps ./apps
COPY --from=build /build/config ./config
RUN install -d -o node -g node /data
USER node
VOLUME /data
EXPOSE 8083 9092

HEALTHCHECK --interval=10s --timeout=5s --start-period=15s --retries=3 \
    CMD ["node", "-e", "fetch('http://127.0.0.1:8083/health').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]

# SIGTERM drains tasks and commits offsets; give it more time than task.shutdown.graceful.timeout.ms.
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "/opt/millrace/apps/cli/dist/millrace.cjs"]
# Single keys are set by the environment (MILLRACE_BOOTSTRAP_SERVERS is bootstrap.servers).
CMD ["start", "--config", "/opt/millrace/config/docker.properties"]
