// As an ES module: node application.mjs
import * as testing from '@langchain/core/utils/testing';
import * as sdk from '@opentelemetry/sdk-trace-node';
import * as root from 'opentelemetry-exporter-trubrics';
import * as langchain from 'opentelemetry-exporter-trubrics/langchain';
import * as node from 'opentelemetry-exporter-trubrics/node';
import * as server from 'opentelemetry-exporter-trubrics/server';
import * as standalone from 'opentelemetry-exporter-trubrics/standalone';
import { useEveryEntry } from './every-entry.cjs';

console.log(JSON.stringify(await useEveryEntry({ testing, sdk, root, langchain, node, server, standalone })));
