# The application: channels, worker and command line. The models are made here, so that nothing is fetched later.
FROM python:3.11-slim AS packages
# For torch's smaller CPU build give PyTorch's CPU index here (README, "torch without CUDA").
ARG PIP_EXTRA_INDEX_URL=""
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
RUN python -m venv /opt/silvi
ENV PATH=/opt/silvi/bin:$PATH
COPY requirements.in requirements.lock ./
RUN pip install -r requirements.in -c requirements.lock && pip install setuptools -c requirements.lock

FROM packages AS model
COPY pyproject.toml README.md LICENSE requirements.in requirements-test.in ./
COPY bot bot
COPY knowledge knowledge
RUN pip install --no-deps --no-build-isolation --editable .
# The image may run on another processor than it is built on: AVX2 is there on all of them.
RUN silvi model build --cpu avx2

FROM model AS learned
COPY nlu/from_content.py nlu/
COPY nlu/data nlu/data
RUN python nlu/from_content.py && silvi model learn

FROM python:3.11-slim
ENV PATH=/opt/silvi/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
RUN useradd --system --uid 10001 --create-home silvi && install -d -o silvi /data
WORKDIR /app
COPY --from=learned /opt/silvi /opt/silvi
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY knowledge knowledge
COPY --from=learned /app/nlu/data nlu/data
# Its own, because `silvi eval` builds the untuned model for comparison beside it.
COPY --from=learned --chown=silvi /app/build build
USER silvi
ENV SILVI_DATA_DIR=/data SILVI_WEB_LISTEN=0.0.0.0:8080 SILVI_TELEGRAM_WEBHOOK_LISTEN=0.0.0.0:8443
VOLUME /data
EXPOSE 8080 8443
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=4 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/health', timeout=4)"]
ENTRYPOINT ["silvi"]
CMD ["run"]
