import type { ServerResponse } from 'node:http';

/** As sockjs-node wraps a message for the htmlfile transport. */
const MESSAGE = /^(<script>\np\()([^]*)(\);\n<\/script>\r\n)$/;

/**
 * Makes the htmlfile transport safe: sockjs-node puts messages into `<script>` elements as they are, so that one
 * which holds `</script>` would go on as a script of this server's origin.
 */
export function escapeScripts(response: ServerResponse): void {
  const write = response.write.bind(response) as (chunk: unknown) => boolean;
  response.write = (chunk: unknown) =>
    write(
      typeof chunk === 'string'
        ? chunk.replace(
            MESSAGE,
            (_, start: string, json: string, end: string) => start + json.replaceAll('<', '\\u003c') + end,
          )
        : chunk,
    );
}
