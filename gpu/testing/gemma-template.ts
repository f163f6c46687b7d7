/**
 * A chat template of our own writing with everything that chat_template.jinja of Gemma 4 is built of: macros that call
 * macros, a namespace that a loop writes to, `.get`, slices, split, trim, tests for what a value is, tools, thinking. For
 * text alone it writes `<bos>[<|turn>system\n...<turn|>\n]<|turn>user\n...<turn|>\n<|turn>model\n`.
 */
export const gemmaTemplate = `
{%- macro kind_of(entry) -%}
  {%- if entry.get('enum') is defined and entry.get('enum') -%}one of {{ entry['enum'] | join(', ') }}
  {%- elif entry is mapping -%}{{ entry.get('type', 'any') | lower }}
  {%- else -%}any{%- endif -%}
{%- endmacro -%}
{%- macro tool_lines(tools) -%}
  {%- for tool in tools -%}
    {%- set of = tool.get('function', tool) -%}
    <|tool>{{ of['name'] }}:{{ of.get('description', '') | trim }}(
    {%- for name, entry in (of.get('parameters') or {}).get('properties', {}) | dictsort -%}
      {{ name }} is {{ kind_of(entry) }}{{ '; ' if not loop.last else '' }}
    {%- endfor -%}
    )<tool|>
  {%- endfor -%}
{%- endmacro -%}
{%- macro plain(content) -%}
  {%- if content is string -%}{{ content | trim }}
  {%- elif content is iterable -%}
    {%- for part in content -%}
      {%- if part['type'] == 'text' -%}{{ part['text'] | trim }}
      {%- elif part['type'] in ['image', 'audio'] -%}<|{{ part['type'] }}|>
      {%- endif -%}
    {%- endfor -%}
  {%- endif -%}
{%- endmacro -%}
{%- macro without_thought(content) -%}
  {%- set kept = namespace(text='') -%}
  {%- for part in (content or '').split('<channel|>') -%}
    {%- if '<|channel>' in part -%}{%- set kept.text = kept.text ~ part.split('<|channel>')[0] -%}
    {%- else -%}{%- set kept.text = kept.text ~ part -%}{%- endif -%}
  {%- endfor -%}
  {{ kept.text | trim }}
{%- endmacro -%}
{{ bos_token }}
{%- set state = namespace(before='', rest=messages) -%}
{%- set opening = messages[0] if messages else {} -%}
{%- set thinks = enable_thinking is defined and enable_thinking -%}
{%- if opening.get('role') in ['system', 'developer'] or tools or thinks -%}
  <|turn>system{{ '\\n' }}
  {%- if thinks -%}<|think|>{{ '\\n' }}{%- endif -%}
  {%- if opening.get('role') in ['system', 'developer'] -%}
    {{ plain(opening['content']) }}
    {%- set state.rest = messages[1:] -%}
  {%- endif -%}
  {%- if tools -%}{{ tool_lines(tools) }}{%- endif -%}
  <turn|>{{ '\\n' }}
{%- endif -%}
{%- for message in state.rest -%}
  {%- set role = 'model' if message['role'] == 'assistant' else message['role'] -%}
  {%- if role not in ['user', 'model', 'tool'] -%}
    {{ raise_exception('unknown role ' ~ role) }}
  {%- endif -%}
  {%- if not (role == 'model' and state.before == 'tool') -%}<|turn>{{ role }}{{ '\\n' }}{%- endif -%}
  {%- for call in message.get('tool_calls') or [] -%}
    <|tool_call>call:{{ call['function']['name'] }}{{ call['function'].get('arguments', {}) | tojson }}<tool_call|>
  {%- endfor -%}
  {%- if role == 'model' -%}{{ without_thought(message.get('content')) }}
  {%- else -%}{{ plain(message.get('content')) }}{%- endif -%}
  <turn|>{{ '\\n' }}
  {%- set state.before = role -%}
{%- endfor -%}
{%- if add_generation_prompt -%}<|turn>model{{ '\\n' }}{%- endif -%}
`.trim()
