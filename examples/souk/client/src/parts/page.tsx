import type { ReactNode } from "react";

interface PageProps {
  title: string;
  /** A line under the heading. */
  lead?: ReactNode;
  children: ReactNode;
}

/** The frame of a plain screen: document title, heading, content. */
export function Page({ title, lead, children }: PageProps) {
  return (
    <div className="page">
      <title>{`${title} · Souk`}</title>
      <h1>{title}</h1>
      {lead && <p className="lead">{lead}</p>}
      {children}
    </div>
  );
}
