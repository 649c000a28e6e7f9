/**
 * TLS on a socket descriptor, by the system's OpenSSL 3 through sys.ts: contexts (who we are, whom we believe) and
 * connections that never wait by themselves. Server and client alike; whoever polls is somebody else.
 */
import * as sys from "./sys.ts";

export class TlsError extends Error {}

export interface TlsSettings {
  role: "server" | "client";
  /** PEM files: chain and key. A server needs both. */
  certificate?: string;
  key?: string;
  /** PEM file of authorities; a client without one believes the system's. */
  authorities?: string;
  /** Whether the other side's certificate is asked for and must be good. */
  verify: "no" | "optional" | "required";
}

const PEM = 1;
const VERIFY_PEER = 1;
const VERIFY_FAIL_IF_NONE = 2;
const CTRL_MODE = 33;
const CTRL_SET_MIN_PROTO = 123;
const CTRL_SET_TLSEXT_HOSTNAME = 55;
const TLS1_2 = 0x0303;
/**
 * Of TLS 1.2 only what has forward secrecy and authenticated encryption; all of TLS 1.3 has. Whoever compiled OpenSSL,
 * keys of less than 2048 bits (RSA) and SHA-1 are out.
 */
const SERVER_CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20:@SECLEVEL=2";
/** No compression, no renegotiation (a client could make us work), our order, but ChaCha for who puts it first. */
const SERVER_OPTIONS = (1 << 17) | (1 << 30) | (1 << 22) | (1 << 21);
/** RFC 2253, UTF-8 as it is: nothing in a name can look like another part of the name. As mod_ssl has it. */
const NAME_FORM = 0x1110313;
/** Partial writes, a moving write buffer, and buffers given back when idle. */
const MODES = 1 | 2 | 16;

const ERROR_SSL = 1;
const WANT_READ = 2;
const WANT_WRITE = 3;
const ERROR_SYSCALL = 5;
const ZERO_RETURN = 6;

const noPassphrase = sys.cString(""); // OpenSSL keeps the pointer

/** The library's own words for what failed last, and an empty queue. */
function lastWords(): string {
  const crypto = sys.libcrypto();
  const code = crypto.ERR_get_error();
  if (code === 0) return "no reason given";
  const text = new Uint8Array(new ArrayBuffer(256));
  crypto.ERR_error_string_n(code, text, text.length);
  crypto.ERR_clear_error();
  const words = sys.readCString(sys.addressOf(text));
  return (
    words
      .split(":")
      .slice(4)
      .filter((word) => word !== "")
      .join(": ") || words
  );
}

export class TlsContext {
  readonly pointer: number;

  /** Throws TlsError for a file that cannot be used or a machine without OpenSSL 3. */
  constructor(readonly settings: TlsSettings) {
    let ssl: ReturnType<typeof sys.libssl>;
    try {
      ssl = sys.libssl();
      sys.libcrypto();
    } catch (error) {
      throw new TlsError(`OpenSSL 3 (libssl.so.3) is not here: ${error instanceof Error ? error.message : error}`);
    }
    const { role, certificate, key, authorities, verify } = settings;
    this.pointer = ssl.SSL_CTX_new(role === "server" ? ssl.TLS_server_method() : ssl.TLS_client_method());
    const fail = (what: string): never => {
      const why = lastWords();
      ssl.SSL_CTX_free(this.pointer);
      throw new TlsError(`${what}: ${why}`);
    };
    ssl.SSL_CTX_ctrl(this.pointer, CTRL_MODE, MODES, null);
    ssl.SSL_CTX_ctrl(this.pointer, CTRL_SET_MIN_PROTO, TLS1_2, null);
    if (role === "server") {
      ssl.SSL_CTX_set_options(this.pointer, SERVER_OPTIONS);
      if (ssl.SSL_CTX_set_cipher_list(this.pointer, sys.cString(SERVER_CIPHERS)) !== 1) fail("ciphers");
    }
    // A key with a passphrase is refused; without this OpenSSL would ask for it on the terminal, and wait.
    ssl.SSL_CTX_set_default_passwd_cb_userdata(this.pointer, noPassphrase);
    if (
      certificate !== undefined &&
      ssl.SSL_CTX_use_certificate_chain_file(this.pointer, sys.cString(certificate)) !== 1
    ) {
      fail(`certificate ${certificate}`);
    }
    const keyFile = key ?? certificate;
    if (keyFile !== undefined) {
      if (ssl.SSL_CTX_use_PrivateKey_file(this.pointer, sys.cString(keyFile), PEM) !== 1) fail(`key ${keyFile}`);
      if (ssl.SSL_CTX_check_private_key(this.pointer) !== 1)
        fail(`key ${keyFile} does not fit certificate ${certificate}`);
    }
    if (authorities !== undefined) {
      if (ssl.SSL_CTX_load_verify_locations(this.pointer, sys.cString(authorities), null) !== 1)
        fail(`authorities ${authorities}`);
      if (role === "server")
        ssl.SSL_CTX_set_client_CA_list(this.pointer, ssl.SSL_load_client_CA_file(sys.cString(authorities)));
    } else if (role === "client") ssl.SSL_CTX_set_default_verify_paths(this.pointer);
    const mode = verify === "no" ? 0 : verify === "optional" ? VERIFY_PEER : VERIFY_PEER | VERIFY_FAIL_IF_NONE;
    ssl.SSL_CTX_set_verify(this.pointer, mode, null);
    // Sessions are resumed only where the same settings would have let the client in.
    const id = sys.cString("perq");
    ssl.SSL_CTX_set_session_id_context(this.pointer, id, 4);
  }

  /** Whether the certificate is one for this host (its alternative names, wildcards among them, else its CN). */
  isFor(host: string): boolean {
    const certificate = sys.libssl().SSL_CTX_get0_certificate(this.pointer);
    if (certificate === 0 || certificate === null) return false;
    return sys.libcrypto().X509_check_host(certificate, sys.cString(host), host.length, 0, null) === 1;
  }

  /** Whether the certificate is good at that time, by its own dates. */
  validity(atMs = Date.now()): "good" | "expired" | "not yet valid" {
    const certificate = sys.libssl().SSL_CTX_get0_certificate(this.pointer);
    if (certificate === 0 || certificate === null) return "good";
    const crypto = sys.libcrypto();
    const seconds = new BigInt64Array([BigInt(Math.floor(atMs / 1000))]);
    if (crypto.X509_cmp_time(crypto.X509_get0_notAfter(certificate), seconds) < 0) return "expired";
    return crypto.X509_cmp_time(crypto.X509_get0_notBefore(certificate), seconds) > 0 ? "not yet valid" : "good";
  }

  /** Connections that are open keep what they need of it. */
  close(): void {
    sys.libssl().SSL_CTX_free(this.pointer);
  }
}

/** What a step wants before it can go on: the descriptor readable, or writable. */
export type TlsWait = "read" | "write";

export class TlsConnection {
  private readonly ssl = sys.libssl();
  private readonly pointer: number;
  private readonly isServer: boolean;
  private closed = false;

  /** The descriptor stays the caller's. serverName (client only): sent, and checked against the certificate. */
  constructor(
    context: TlsContext,
    readonly fd: number,
    serverName?: string,
  ) {
    this.isServer = context.settings.role === "server";
    this.pointer = this.ssl.SSL_new(context.pointer);
    if (this.pointer === 0 || this.pointer === null) throw new TlsError(`SSL_new: ${lastWords()}`);
    this.ssl.SSL_set_fd(this.pointer, fd);
    if (!this.isServer && serverName !== undefined) {
      this.ssl.SSL_ctrl(this.pointer, CTRL_SET_TLSEXT_HOSTNAME, 0, sys.cString(serverName));
      if (context.settings.verify !== "no") this.ssl.SSL_set1_host(this.pointer, sys.cString(serverName));
    }
  }

  /** One step of the handshake: done, what to wait for, or why it failed. */
  handshake(): "done" | TlsWait | { failure: string } {
    sys.libcrypto().ERR_clear_error();
    const result = this.isServer ? this.ssl.SSL_accept(this.pointer) : this.ssl.SSL_connect(this.pointer);
    if (result === 1) return "done";
    const step = this.outcome(result);
    return step === "end" ? { failure: "the connection ended" } : step;
  }

  /** Bytes read, 0 at the end, what to wait for, or a failure. */
  read(bytes: Uint8Array, offset = 0, length = bytes.length - offset): number | TlsWait | { failure: string } {
    sys.libcrypto().ERR_clear_error();
    const got = this.ssl.SSL_read(this.pointer, sys.addressOf(bytes, offset), length);
    if (got > 0) return got;
    const step = this.outcome(got);
    return step === "end" ? 0 : step;
  }

  /** Bytes written (perhaps fewer), what to wait for, or a failure. */
  write(bytes: Uint8Array, offset = 0, length = bytes.length - offset): number | TlsWait | { failure: string } {
    sys.libcrypto().ERR_clear_error();
    const sent = this.ssl.SSL_write(this.pointer, sys.addressOf(bytes, offset), length);
    if (sent > 0) return sent;
    const step = this.outcome(sent);
    return step === "end" ? { failure: "the connection ended" } : step;
  }

  private outcome(result: number): TlsWait | "end" | { failure: string } {
    const error = this.ssl.SSL_get_error(this.pointer, result);
    switch (error) {
      case WANT_READ:
        return "read";
      case WANT_WRITE:
        return "write";
      case ZERO_RETURN:
        return "end";
      case ERROR_SYSCALL:
        return "end"; // closed without a goodbye, or reset
      case ERROR_SSL: {
        const words = lastWords();
        return words.includes("unexpected eof") ? "end" : { failure: words };
      }
      default:
        return { failure: `SSL error ${error}` };
    }
  }

  /** Decrypted bytes that wait in the library: to be read before the descriptor is polled. */
  get pending(): number {
    return this.ssl.SSL_pending(this.pointer);
  }

  get version(): string {
    return sys.readCString(this.ssl.SSL_get_version(this.pointer));
  }

  get cipher(): string {
    return sys.readCString(this.ssl.SSL_CIPHER_get_name(this.ssl.SSL_get_current_cipher(this.pointer)));
  }

  /** The name the client asked for. */
  get serverName(): string | undefined {
    const name = this.ssl.SSL_get_servername(this.pointer, 0);
    return name === 0 || name === null ? undefined : sys.readCString(name);
  }

  /** The other side's certificate subject ("CN=…,O=…", RFC 2253), when it showed one. */
  get peerSubject(): string | undefined {
    const certificate = this.ssl.SSL_get1_peer_certificate(this.pointer);
    if (certificate === 0 || certificate === null) return undefined;
    const crypto = sys.libcrypto();
    const memory = crypto.BIO_new(crypto.BIO_s_mem());
    crypto.X509_NAME_print_ex(memory, crypto.X509_get_subject_name(certificate), 0, NAME_FORM);
    const text = new Uint8Array(new ArrayBuffer(4096));
    const length = crypto.BIO_read(memory, sys.addressOf(text), text.length);
    crypto.BIO_free(memory);
    crypto.X509_free(certificate);
    return new TextDecoder().decode(text.subarray(0, Math.max(0, length)));
  }

  /** Why the other side's certificate is not good; undefined when it is, or none was asked for. */
  get verifyFailure(): string | undefined {
    const result = this.ssl.SSL_get_verify_result(this.pointer);
    return result === 0 ? undefined : sys.readCString(sys.libcrypto().X509_verify_cert_error_string(result));
  }

  /** Says goodbye (once, without waiting for theirs). */
  goodbye(): void {
    sys.libcrypto().ERR_clear_error();
    this.ssl.SSL_shutdown(this.pointer);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.ssl.SSL_free(this.pointer);
  }
}
