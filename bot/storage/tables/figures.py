"""The office's own figures."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.tables.base import Base


class OfficeFigureVersion(Base):
    """One file of the office's own figures; older ones stay."""

    __tablename__ = "office_figure_versions"

    id: Mapped[int] = mapped_column(primary_key=True)
    data_date: Mapped[date]
    """The day the figures were true, as the office says: a report as of an earlier day does not know them."""
    file_name: Mapped[str] = mapped_column(String(255))
    sha256: Mapped[str] = mapped_column(String(64))
    imported_by: Mapped[str] = mapped_column(String(100))
    imported_at: Mapped[datetime]


class OfficeFigure(Base):
    """One line of such a file: a count of people or proceedings, of nobody by name."""

    __tablename__ = "office_figures"
    __table_args__ = (Index("office_figures_by_year", "year", "data"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("office_figure_versions.id"), index=True)
    year: Mapped[int]
    data: Mapped[str] = mapped_column(String(16))
    parts: Mapped[dict]
    """By what it is broken down; empty for the total of the year."""
    count: Mapped[int | None]
    """None where only the word in `note` was published."""
    note: Mapped[str] = mapped_column(String(100))
    until: Mapped[date | None]
    published: Mapped[str] = mapped_column(String(200))
