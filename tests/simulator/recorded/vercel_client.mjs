// Ask the simulator through Vercel's `ai` and print what it heard, one JSON line a case; for record.py alone.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [url, packages] = process.argv.slice(2);
const { resolve } = createRequire(`${packages}/package.json`);
const load = (name) => import(pathToFileURL(resolve(name)));
const version = (name) => createRequire(`${packages}/package.json`)(`${packages}/node_modules/${name}/package.json`).version;
const { generateText, streamText } = await load("ai");

const apiKey = "any-key", most = 12;
const made = {
  "@ai-sdk/openai": [
    ["responses", (base, m, sdk) => sdk.createOpenAI({ baseURL: `${base}/v1`, apiKey })(m)],
    ["chat", (base, m, sdk) => sdk.createOpenAI({ baseURL: `${base}/v1`, apiKey }).chat(m)],
  ],
  "@ai-sdk/openai-compatible": [["", (base, m, sdk) =>
    sdk.createOpenAICompatible({ name: "simulator", baseURL: `${base}/v1`, apiKey, includeUsage: true })(m)]],
  "@ai-sdk/anthropic": [["", (base, m, sdk) => sdk.createAnthropic({ baseURL: `${base}/v1`, apiKey })(m)]],
  "@ai-sdk/google": [["", (base, m, sdk) => sdk.createGoogleGenerativeAI({ baseURL: `${base}/v1beta`, apiKey })(m)]],
  "@ai-sdk/mistral": [["", (base, m, sdk) => sdk.createMistral({ baseURL: `${base}/mistral/v1`, apiKey })(m)]],
  "@ai-sdk/groq": [["", (base, m, sdk) => sdk.createGroq({ baseURL: `${base}/groq/openai/v1`, apiKey })(m)]],
  "@ai-sdk/cohere": [["", (base, m, sdk) => sdk.createCohere({ baseURL: `${base}/v2`, apiKey })(m)]],
};

async function heard(model, prompt, stream) {
  const asked = { model, prompt, maxOutputTokens: most, maxRetries: 0 };
  let reply = null, failed = null;
  if (stream) {
    reply = streamText({ ...asked, onError: ({ error }) => { failed = error; } });
    await reply.consumeStream();
    if (failed) throw failed;
  } else reply = await generateText(asked);
  const usage = await reply.usage;
  return {
    text: await reply.text, reasoning: (await reply.reasoningText) ?? "",
    read: usage.inputTokens ?? null, wrote: usage.outputTokens ?? null,
  };
}

let number = 0;
for (const [name, kinds] of Object.entries(made)) {
  const sdk = await load(name);
  for (const [kind, make] of kinds) {
    for (const [model, stream] of [["quick", false], ["quick", true], ["thinker", true], ["nobody", false]]) {
      const prompt = `How do bees find flowers, ${name} ${kind} asks, ${stream ? "piece by piece" : "at once"}?`;
      let told = null;
      try { told = await heard(make(`${url}/${number}`, model, sdk), prompt, stream); }
      catch (error) { told = { error: error.name, message: error.message }; }
      const client = `ai ${version("ai")}, ${name} ${version(name)}`;
      console.log(JSON.stringify({ client, model, prompt, most, heard: told }));
      number += 1;
    }
  }
}
