/**
 * Everything the command line named → one configuration: services of every file, and what is wrong with them.
 * Nothing is opened or changed here but files that are read; a reload calls it again and compares.
 */
import { Complaints } from "./complaint.ts";
import { InetdReader, type InetdOptions } from "./inetd.ts";
import { resolveXinetd } from "./resolve.ts";
import type { Service } from "./service.ts";
import type { World } from "./world.ts";
import { readXinetd } from "./xinetd.ts";

export interface Sources {
  xinetdFiles: string[];
  inetdFiles: string[];
  inetd: InetdOptions;
}

export interface Configuration {
  services: Service[];
  complaints: Complaints;
}

export function loadConfiguration(sources: Sources, world: World): Configuration {
  const complaints = new Complaints();
  const services: Service[] = [];
  for (const file of sources.xinetdFiles) {
    const text = readXinetd(file, world.files, world.access, complaints);
    services.push(...resolveXinetd(text, world, complaints));
  }
  const inetd = new InetdReader(sources.inetd, world, complaints);
  for (const file of inetdPaths(sources, world, complaints)) {
    const read = world.files.read(file);
    // inetutils goes on with its other files, or with none.
    const severity = sources.inetd.dialect === "gnu" ? "error" : "fatal";
    if ("error" in read) complaints.add(severity, { file, line: 0, column: 0 }, `${file}: ${read.error}`);
    else inetd.file(file, read.text);
  }
  for (const service of inetd.end()) {
    // Beside an xinetd.conf, the id that is there already wins.
    const rival = services.find(
      (one) => one.dialect === "xinetd" && one.id === service.name && one.protocol === service.protocol.slice(0, 3),
    );
    if (rival === undefined) services.push(service);
    else
      complaints.warn(
        service.place,
        `service ${service.name} not unique or is a duplicate of ${rival.place.file}:${rival.place.line}`,
      );
  }
  return { services, complaints };
}

/** A directory stands for the files in it, as inetutils reads /etc/inetd.d. */
function inetdPaths(sources: Sources, world: World, complaints: Complaints): string[] {
  return sources.inetdFiles.flatMap((path) => {
    const listed = world.files.list(path);
    // inetutils' own second default, which most machines do not have
    if ("error" in listed) return path === "/etc/inetd.d" ? [] : [path];
    if (sources.inetd.dialect !== "gnu")
      complaints.warn({ file: path, line: 0, column: 0 }, "a directory is read as inetutils-inetd does");
    return listed
      .filter((entry) => entry.kind === "file" && !/^\.|~$/.test(entry.name))
      .map((entry) => `${path}/${entry.name}`)
      .sort();
  });
}
