# The builder has pip and the build backend; the image has the interpreter, the installed packages and one user.
FROM python:3.13-slim AS builder
WORKDIR /src
RUN python -m venv /opt/crux
COPY requirements/run.txt requirements/build.txt requirements/
RUN /opt/crux/bin/pip install --no-cache-dir --only-binary :all: --require-hashes -r requirements/run.txt \
    && python -m venv /opt/build \
    && /opt/build/bin/pip install --no-cache-dir --require-hashes -r requirements/build.txt
COPY . .
RUN /opt/build/bin/hatchling build -t wheel -d /dist \
    && /opt/crux/bin/pip install --no-cache-dir --no-deps --no-index /dist/*.whl \
    && /opt/crux/bin/pip uninstall --yes pip

FROM python:3.13-slim
RUN useradd --uid 10001 --create-home --home-dir /home/crux crux \
    && install -d -o crux -g crux -m 0700 /data
COPY --from=builder /opt/crux /opt/crux
ENV PATH=/opt/crux/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    CRUX_DATA_DIR=/data
USER crux
WORKDIR /home/crux
VOLUME /data
HEALTHCHECK --interval=60s --timeout=20s --start-period=30s CMD ["crux", "doctor", "--offline"]
ENTRYPOINT ["crux"]
CMD ["chat"]
