const WORDS = {
  en: {
    tagline: "Finds personal data in Chinese and English text",
    language: "Language",
    text: "Text",
    textHint: "Type, paste, or drop a .txt, .md, .csv, .json or .log file here.",
    characters: "Characters: {n}",
    detect: "Detect",
    open: "Open file",
    example: "Example",
    clear: "Clear",
    search: "What to look for",
    minimum: "Minimum score",
    types: "Types",
    typesCount: "{on} of {all}",
    typesDefault: "Default",
    typesAll: "All",
    typesNone: "None",
    groupDefault: "On by default",
    groupRequest: "On request",
    found: "Found",
    foundLabel: "Text with marked values; the arrow keys move from value to value",
    foundCount: "{n} found",
    stale: "The text is long: press Detect or Ctrl+Enter to search it again.",
    empty: "Personal data of the text will be marked here.",
    detailHint: "Point at a marked value, or move with Tab and the arrow keys, to see its details.",
    detailNone: "Nothing was found.",
    copyJson: "Copy JSON",
    copyText: "Copy text",
    copied: "Copied",
    notCopied: "The browser did not allow copying",
    redact: "Redact",
    style: "Style",
    redactedLabel: "Redacted text",
    off: "Off",
    offHint: "Choose a style to see the text without its personal data.",
    label: "Label",
    labelHint: "The type in place of each value; for logs.",
    mask: "Mask",
    maskHint: "Asterisks; half of a value stays at most.",
    pseudonym: "Pseudonym",
    pseudonymHint: "Type and number, the same for the same value: who is who stays visible.",
    surrogate: "Surrogate",
    surrogateHint: "Made-up values of the same form, new ones each time.",
    keep: "Characters to keep at the end",
    answer: "Answer of a model to this text",
    answerHint: "Type or paste an answer that has stand-ins in it: the values come back below.",
    restoredLabel: "Answer with the values",
    unrestored: "Stand-ins without a value: {n}",
    list: "Values",
    value: "Value",
    type: "Type",
    score: "Score",
    source: "Source",
    check: "Check",
    place: "Position",
    model: "Model",
    rule: "Rule",
    both: "Model and rule",
    repeat: "Further mention",
    passed: "passed",
    failed: "failed",
    unchecked: "none",
    more: "The first {n} values; the JSON has all of them.",
    privacy: "Texts go only to the server that this page comes from, which keeps none of them. Nor does this page.",
    key: "This server needs an API key:",
    network: "The server does not answer. Is it still running?",
    401: "The server needs a valid API key.",
    409: "The server has no key for the way back: it needs $PII_SFT_KEY.",
    413: "The text is longer than the server takes.",
    422: "The server cannot read this request.",
    500: "The server failed. The text is still here; please try again.",
    503: "The server is busy. Please try again in a moment.",
    other: "The server refused the request.",
    fileKind: "Only .txt, .md, .csv, .json and .log files can be opened.",
    fileSize: "The file is larger than 16 MB.",
    fileRead: "The file cannot be read.",
    sample: "Hi 😀 my name is John Smith, phone +44 20 7946 0958, e-mail john.smith@example.com. I paid with card 4111 1111 1111 1111 from 203.0.113.9.\n\n客户李晓明，身份证号11010519491231002X，手机138-0013-8000，住北京市朝阳区建国路88号3单元501室，微信号lixiaoming_88，车牌京A12345。",
  },
  zh: {
    tagline: "从中英文文本中找出个人信息",
    language: "语言",
    text: "文本",
    textHint: "输入、粘贴，或把 .txt、.md、.csv、.json、.log 文件拖到这里。",
    characters: "{n} 个字符",
    detect: "检测",
    open: "打开文件",
    example: "示例",
    clear: "清空",
    search: "检测设置",
    minimum: "最低得分",
    types: "类型",
    typesCount: "{on} / {all}",
    typesDefault: "默认",
    typesAll: "全选",
    typesNone: "全不选",
    groupDefault: "默认开启",
    groupRequest: "按需开启",
    found: "检测结果",
    foundLabel: "已标出个人信息的文本；用方向键逐处移动",
    foundCount: "找到 {n} 处",
    stale: "文本较长：请点“检测”或按 Ctrl+Enter 重新检测。",
    empty: "文本中的个人信息会在这里标出。",
    detailHint: "指向标出的内容，或用 Tab 和方向键移动，可查看详情。",
    detailNone: "没有找到个人信息。",
    copyJson: "复制 JSON",
    copyText: "复制文本",
    copied: "已复制",
    notCopied: "浏览器不允许复制",
    redact: "脱敏",
    style: "方式",
    redactedLabel: "脱敏后的文本",
    off: "关闭",
    offHint: "选择一种方式，查看去掉个人信息后的文本。",
    label: "标签",
    labelHint: "用类型代替原值，适合日志。",
    mask: "掩码",
    maskHint: "用星号代替，最多保留一半。",
    pseudonym: "编号",
    pseudonymHint: "类型加编号，相同的值编号相同，仍能看出谁是谁。",
    surrogate: "虚构值",
    surrogateHint: "格式相同的虚构值，每次重新生成。",
    keep: "末尾保留字符数",
    answer: "模型对上面文本的回答",
    answerHint: "输入或粘贴带有替换内容的回答，原值会在下面还原。",
    restoredLabel: "还原后的回答",
    unrestored: "没有对应原值：{n} 处",
    list: "明细",
    value: "内容",
    type: "类型",
    score: "得分",
    source: "来源",
    check: "校验",
    place: "位置",
    model: "模型",
    rule: "规则",
    both: "模型和规则",
    repeat: "再次出现",
    passed: "通过",
    failed: "未通过",
    unchecked: "无",
    more: "仅列出前 {n} 处，JSON 中有全部结果。",
    privacy: "文本只发往提供本页面的服务器，服务器和页面都不保存。",
    key: "此服务需要 API 密钥：",
    network: "服务器没有响应，请确认它仍在运行。",
    401: "服务需要有效的 API 密钥。",
    409: "服务器没有还原用的密钥：需要设置 $PII_SFT_KEY。",
    413: "文本超过了服务器的长度上限。",
    422: "服务器无法处理这个请求。",
    500: "服务器出错。文本仍在这里，请重试。",
    503: "服务器繁忙，请稍后重试。",
    other: "服务器拒绝了请求。",
    fileKind: "只能打开 .txt、.md、.csv、.json、.log 文件。",
    fileSize: "文件超过 16 MB。",
    fileRead: "无法读取文件。",
    sample: "客户李晓明😀，身份证号11010519491231002X，手机138-0013-8000，住北京市朝阳区建国路88号3单元501室，微信号lixiaoming_88，车牌京A12345，银行卡6222020200112233446。\n\nMy name is John Smith, phone +44 20 7946 0958, e-mail john.smith@example.com.",
  },
};

const PAUSE = 350; // milliseconds without a change before a detection
const LONG = 20_000; // UTF-16 units above which only a key or button starts one
const ROWS = 500;
const BLOCK = 100; // marks before a new block: the time for the layout of one grows with their square
const FILE_BYTES = 16 * 1024 * 1024;
const FILE_NAME = /\.(txt|md|csv|json|log)$/i;
const CHOICE = "pii-sft.language";
const WAY_BACK = ["pseudonym", "surrogate"]; // styles whose values can come back
const ACRONYMS = { id: "ID", qq: "QQ", ip: "IP", mac: "MAC", url: "URL", vin: "VIN", wechat: "WeChat" };

let language = "en";
let types = []; // rows of GET /types
let shown = null; // what is on show: { text, answer, redacted, style }
let problem = null; // { key, detail }
let loading = null; // promise of the types
let request = null; // AbortController of the detection under way
let timer = 0;
let key = ""; // API key, kept here alone
let keyless = false; // whether the server said that it has no key for the way back
let restoring = null; // AbortController of the restoring under way
let current = -1; // index of the entity whose details are on show

const $ = (id) => document.getElementById(id);

const say = (key, values = {}) => WORDS[language][key].replace(/\{(\w+)\}/g, (_, name) => values[name]);

/** A new element; strings among `children` become text. */
function make(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

/** A failure that the page has words for; `detail` is the server's own sentence. */
class Problem extends Error {
  constructor(key, detail = "") {
    super(key);
    this.key = key;
    this.detail = detail;
  }
}

async function call(path, body, signal) {
  const used = key;
  const headers = { ...(body && { "content-type": "application/json" }), ...(used && { "x-api-key": used }) };
  const response = await fetch(path, { ...(body && { method: "POST", body: JSON.stringify(body) }), headers, signal });
  if (response.ok) return response.json();
  // another request may have asked for the key while this one was under way
  if (response.status === 401 && (key !== used || (key = prompt(say("key")) ?? ""))) return call(path, body, signal);
  const { detail = "" } = await response.json().catch(() => ({}));
  const sentence = Array.isArray(detail) ? detail.map((fault) => fault.msg).join("; ") : detail;
  throw new Problem(response.status in WORDS.en ? response.status : "other", `${response.status}${sentence && ": "}${sentence}`);
}

const style = () => document.querySelector("input[name=style]:checked").value;

const boxes = () => [...$("types").querySelectorAll("input")];

/** Reads `text` piece by piece, up to positions in code points; a string counts in UTF-16 units. */
function reader(text) {
  let unit = 0;
  let point = 0;
  return (end) => {
    const start = unit;
    for (; point < end && unit < text.length; point++) unit += text.codePointAt(unit) > 0xffff ? 2 : 1;
    return text.slice(start, unit);
  };
}

/** `text` with what `mark(value, entity, index)` makes of its entities, in blocks of whole lines. */
function annotate(text, entities, mark) {
  const read = reader(text);
  const blocks = [make("div")];
  const plain = (piece) => {
    const end = blocks.at(-1).childElementCount < BLOCK ? 0 : piece.indexOf("\n") + 1;
    blocks.at(-1).append(piece.slice(0, end));
    if (end) blocks.push(make("div"));
    blocks.at(-1).append(piece.slice(end));
  };
  entities.forEach((entity, index) => {
    plain(read(entity.start));
    blocks.at(-1).append(mark(read(entity.end), entity, index));
  });
  plain(read(Infinity));
  return blocks;
}

const points = (text) => text.length - (text.match(/[\ud800-\udbff][\udc00-\udfff]/g) ?? []).length;

function english(name) {
  const words = name.toLowerCase().split("_").map((word) => ACRONYMS[word] ?? word).join(" ");
  return words[0].toUpperCase() + words.slice(1);
}

function typeName(name) {
  const zh = types.find((row) => row.name === name)?.zh;
  return language === "zh" && zh ? zh : english(name);
}

/** Gives `node` the colour of the type `name`; neighbours in the taxonomy are far apart on the wheel. */
function paint(node, name) {
  const index = types.findIndex((row) => row.name === name);
  node.style.setProperty("--hue", Math.round(255 + index * 137.5) % 360);
  return node;
}

function checkWord({ validated }) {
  return validated === null ? say("unchecked") : say(validated ? "passed" : "failed");
}

function facts(entity) {
  const score = `${say("score")} ${entity.score.toFixed(2)}`;
  const source = `${say("source")} ${say(entity.source)}`;
  return [score, source, `${say("check")} ${checkWord(entity)}`];
}

function markFound(value, entity, index) {
  const mark = make("mark", { textContent: value, tabIndex: index ? -1 : 0, role: "button" });
  mark.ariaLabel = [value, typeName(entity.type), ...facts(entity)].join(", ");
  mark.dataset.label = typeName(entity.type);
  mark.dataset.index = index;
  return paint(mark, entity.type);
}

function markStandIn(value, entity) {
  const mark = make("mark", { textContent: value });
  if (!value.includes(entity.type)) mark.dataset.label = typeName(entity.type);
  return paint(mark, entity.type);
}

function row(entity, index) {
  const bar = make("span", { className: "bar", ariaHidden: "true" });
  bar.style.setProperty("--part", entity.score);
  const cells = [
    ["value", entity.value],
    ["type", paint(make("span", { className: "tag", textContent: typeName(entity.type) }), entity.type)],
    ["score", make("span", {}, entity.score.toFixed(2), bar)],
    ["source", say(entity.source)],
    ["check", checkWord(entity)],
    ["place", `${entity.start}–${entity.end}`],
  ].map(([key, content]) => {
    const cell = make("td", { role: "cell", className: key }, content);
    cell.dataset.label = say(key);
    return cell;
  });
  cells[4].dataset.check = entity.validated;
  const line = make("tr", { role: "row" }, ...cells);
  line.dataset.index = index;
  return line;
}

/** Shows the details of the entity `index`, and which row and which mark are its. */
function point(index) {
  current = index;
  for (const node of document.querySelectorAll("[aria-current]")) node.removeAttribute("aria-current");
  for (const node of document.querySelectorAll(`[data-index="${index}"]`)) node.setAttribute("aria-current", "true");
  showDetail();
}

function showDetail() {
  const entities = shown?.answer.entities ?? [];
  const entity = entities[current];
  if (!entity) {
    $("detail").replaceChildren(shown ? say(entities.length ? "detailHint" : "detailNone") : "");
    return;
  }
  const tag = paint(make("span", { className: "tag", textContent: typeName(entity.type) }), entity.type);
  const parts = [make("code", { textContent: entity.type }), ...facts(entity).map((fact) => make("span", {}, fact))];
  $("detail").replaceChildren(tag, ...parts);
}

function showFound() {
  const entities = shown?.answer.entities ?? [];
  const empty = make("span", { className: "muted", textContent: say("empty") });
  $("marked").replaceChildren(...(shown ? annotate(shown.text, entities, markFound) : [empty]));
  $("status").textContent = shown ? say("foundCount", { n: entities.length }) : "";
  $("list").hidden = !entities.length;
  $("rows").replaceChildren(...entities.slice(0, ROWS).map(row));
  $("more").hidden = entities.length <= ROWS;
  $("more").textContent = say("more", { n: ROWS });
  $("copy-json").disabled = !shown;
  point(-1);
}

function showRedacted() {
  $("style-hint").textContent = say(`${style()}Hint`);
  $("keep-row").hidden = style() !== "mask";
  const redacted = shown?.style === style() ? shown.redacted : null;
  $("redacted").hidden = $("copy-text").disabled = !redacted;
  $("redacted").replaceChildren(...(redacted ? annotate(redacted.text, redacted.entities, markStandIn) : []));
  $("trip").hidden = !redacted || !WAY_BACK.includes(style());
  $("answer").disabled = !redacted?.token;
  $("answer-hint").textContent = say(keyless ? 409 : "answerHint");
  restore();
}

function showProblem() {
  $("problem").hidden = !problem;
  $("problem").textContent = problem ? say(problem.key) + (problem.detail && ` (${problem.detail})`) : "";
}

function showCounts() {
  const all = boxes();
  $("count").textContent = say("characters", { n: points($("text").value).toLocaleString("en") });
  $("score-value").textContent = Number($("score").value).toFixed(2);
  $("types-count").textContent = say("typesCount", { on: all.filter((box) => box.checked).length, all: all.length });
  $("example").disabled = $("text").value !== "";
  $("clear").disabled = $("text").value === "";
}

function show(result, trouble = null) {
  if (result?.text !== shown?.text) $("answer").value = ""; // an answer to another text
  shown = result;
  problem = trouble;
  showFound();
  showRedacted();
  showProblem();
}

/** Puts the words of the chosen language everywhere. */
function translate() {
  document.documentElement.lang = language === "zh" ? "zh-Hans" : "en";
  document.title = `pii-sft · ${say("tagline")}`;
  for (const node of document.querySelectorAll("[data-t]")) node.textContent = say(node.dataset.t);
  for (const node of document.querySelectorAll("[data-t-label]")) node.ariaLabel = say(node.dataset.tLabel);
  for (const name of ["zh", "en"]) $(name).ariaPressed = String(name === language);
  for (const box of boxes()) nameType(box);
  showCounts();
  show(shown, problem);
}

function choose(name) {
  language = name;
  try {
    localStorage.setItem(CHOICE, name);
  } catch {
    // a browser that keeps nothing asks again next time
  }
  translate();
}

function preferred() {
  try {
    const kept = localStorage.getItem(CHOICE);
    if (Object.hasOwn(WORDS, kept)) return kept;
  } catch {
    // as above
  }
  return navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
}

function nameType(box) {
  const { name, zh } = types.find((one) => one.name === box.value);
  const names = [make("span", { lang: "zh-Hans", textContent: zh }), make("span", { lang: "en", textContent: english(name) })];
  if (language === "en") names.reverse();
  names[1].className = "muted";
  box.nextElementSibling.replaceChildren(names[0], " ", names[1]);
}

function typeBox({ name, default: on }) {
  const box = make("input", { type: "checkbox", value: name, checked: on, autocomplete: "off" });
  return paint(make("label", {}, box, make("span")), name);
}

async function loadTypes() {
  types = (await call("types")).types;
  for (const one of types) $(one.default ? "group-default" : "group-request").append(typeBox(one));
  boxes().forEach(nameType);
  showCounts();
}

/** Loads the types once, and again after a failure. */
function typesLoaded() {
  loading ??= loadTypes().catch((error) => {
    loading = null;
    throw error;
  });
  return loading;
}

async function ask(text, signal) {
  const chosen = boxes().filter((box) => box.checked).map((box) => box.value);
  const body = { text, types: chosen, min_score: Number($("score").value) };
  const keep = Math.min(100, Math.max(0, Math.trunc(Number($("keep").value))));
  const asked = style();
  const redaction = asked === "off" ? null : redact({ ...body, style: asked, ...(asked === "mask" && { keep }) }, signal);
  const [answer, redacted] = await Promise.all([call("detect", body, signal), redaction]);
  return { text, answer, redacted, style: asked };
}

/** Redacts, with a way back where the style and the server have one. */
async function redact(body, signal) {
  if (keyless || !WAY_BACK.includes(body.style)) return call("redact", body, signal);
  try {
    return await call("redact", { ...body, reversible: true }, signal);
  } catch (error) {
    if (error.key !== 409) throw error;
    keyless = true;
    return call("redact", body, signal);
  }
}

/** Puts the values back into the answer that was typed. */
async function restore() {
  restoring?.abort();
  const mine = (restoring = new AbortController());
  const text = $("answer").value;
  const token = shown?.redacted?.token;
  let told = "";
  let restored = null;
  if (text && token) {
    try {
      restored = await call("restore", { text, token }, mine.signal);
      if (restored.unrestored) told = say("unrestored", { n: restored.unrestored });
    } catch (error) {
      told = say(error instanceof Problem ? error.key : "network");
    }
  }
  if (mine !== restoring) return;
  $("restored").hidden = !restored;
  $("restored").textContent = restored?.text ?? "";
  $("restored-hint").textContent = told;
}

/** Detects at once; an answer that a later request has overtaken is dropped. */
async function detect() {
  clearTimeout(timer);
  request?.abort();
  const mine = (request = new AbortController());
  const text = $("text").value;
  $("stale").hidden = true;
  $("result").ariaBusy = "true";
  try {
    await typesLoaded();
    const result = text ? await ask(text, mine.signal) : null;
    if (mine === request) show(result);
  } catch (error) {
    if (mine === request) show(null, error instanceof Problem ? error : new Problem("network"));
    mine.abort();
  } finally {
    if (mine === request) $("result").ariaBusy = "false";
  }
}

/** Detects after a pause; a long text waits for a key or button. */
function changed() {
  showCounts();
  clearTimeout(timer);
  if ($("text").value.length > LONG) $("stale").hidden = false;
  else timer = setTimeout(detect, PAUSE);
}

function fill(text) {
  $("text").value = text;
  $("text").setSelectionRange(0, 0);
  $("text").focus();
  showCounts();
  detect();
}

/** The text of a file in UTF-8, UTF-16 with a byte order mark, or else GB 18030. */
function decode(bytes) {
  const mark = bytes[0] * 256 + bytes[1];
  if (mark === 0xfffe || mark === 0xfeff) return new TextDecoder(mark === 0xfffe ? "utf-16le" : "utf-16be").decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("gb18030").decode(bytes);
  }
}

async function read(file) {
  problem = null;
  if (!FILE_NAME.test(file.name)) problem = new Problem("fileKind");
  else if (file.size > FILE_BYTES) problem = new Problem("fileSize");
  else {
    try {
      return fill(decode(new Uint8Array(await file.arrayBuffer())));
    } catch {
      problem = new Problem("fileRead");
    }
  }
  return showProblem();
}

/** Where the page does not come from a trusted origin, only the old way to copy is there. */
async function write(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = make("textarea", { value: text, className: "hidden" });
  area.style.position = "fixed"; // or the focus would scroll the page
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (!done) throw new Problem("notCopied");
}

async function copy(button, text) {
  const outcome = await write(text).then(() => "copied", () => "notCopied");
  button.focus();
  button.textContent = $("said").textContent = say(outcome);
  setTimeout(() => {
    button.textContent = say(button.dataset.t);
    $("said").textContent = "";
  }, 1500);
}

function tick(wanted) {
  for (const box of boxes()) box.checked = wanted(types.find((one) => one.name === box.value));
  changed();
}

/** Moves the focus from mark to mark; one of them is in the tab order. */
function walk(event) {
  const marks = [...$("marked").querySelectorAll("mark")];
  const at = marks.indexOf(event.target);
  const next = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: marks.length - 1 };
  const mark = at >= 0 && marks[next[event.key]];
  if (!mark) return;
  event.preventDefault();
  marks[at].tabIndex = -1;
  mark.tabIndex = 0;
  mark.focus();
}

function pointAt(event) {
  const node = event.target.closest("[data-index]");
  if (node && Number(node.dataset.index) !== current) point(Number(node.dataset.index));
}

function listenToDrops() {
  const files = (event) => event.dataTransfer?.types.includes("Files");
  addEventListener("dragover", (event) => {
    if (!files(event)) return;
    event.preventDefault();
    $("drop").classList.add("over");
  });
  addEventListener("dragleave", (event) => event.relatedTarget || $("drop").classList.remove("over"));
  addEventListener("drop", (event) => {
    $("drop").classList.remove("over");
    if (!files(event)) return;
    event.preventDefault();
    if (event.dataTransfer.files[0]) read(event.dataTransfer.files[0]);
  });
}

function listenToText() {
  $("text").addEventListener("input", (event) => event.isComposing || changed());
  $("text").addEventListener("compositionend", changed);
  $("detect").addEventListener("click", detect);
  $("example").addEventListener("click", () => fill(say("sample")));
  $("clear").addEventListener("click", () => fill(""));
  $("open").addEventListener("click", () => $("file").click());
  $("file").addEventListener("change", (event) => {
    const [file] = event.target.files;
    if (file) read(file);
    event.target.value = "";
  });
  addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    detect();
  });
}

function listenToOptions() {
  $("score").addEventListener("input", changed);
  $("keep").addEventListener("input", changed);
  $("types").addEventListener("change", changed);
  $("types-default").addEventListener("click", () => tick((one) => one.default));
  $("types-all").addEventListener("click", () => tick(() => true));
  $("types-none").addEventListener("click", () => tick(() => false));
  $("styles").addEventListener("change", () => {
    showRedacted();
    if (style() !== "off") changed();
  });
  $("answer").addEventListener("input", restore);
  for (const name of ["zh", "en"]) $(name).addEventListener("click", () => choose(name));
}

function listenToResults() {
  $("marked").addEventListener("keydown", walk);
  for (const id of ["marked", "rows"]) {
    for (const kind of ["pointerover", "focusin", "click"]) $(id).addEventListener(kind, pointAt);
  }
  $("copy-json").addEventListener("click", (event) => copy(event.target, JSON.stringify(shown.answer, null, 2)));
  $("copy-text").addEventListener("click", (event) => copy(event.target, shown.redacted.text));
}

language = preferred();
listenToDrops();
listenToText();
listenToOptions();
listenToResults();
translate();
detect();
