"""Tables of people."""

from provodnik.people.models.changes import DataRequest, DataRequestFile, DataRequestStep
from provodnik.people.models.directory import DirectoryWord, Entry, PeopleEvent
from provodnik.people.models.persons import Absence, Employment, Person, PersonKey
from provodnik.people.models.standing import Deputy, ManagerLink, StaffMember, UnitHead
from provodnik.people.models.structure import Organisation, OrganisationRule, Position, RegionalHoliday, Unit

__all__ = [
    "Absence",
    "DataRequest",
    "DataRequestFile",
    "DataRequestStep",
    "Deputy",
    "DirectoryWord",
    "Employment",
    "Entry",
    "ManagerLink",
    "Organisation",
    "OrganisationRule",
    "PeopleEvent",
    "Person",
    "PersonKey",
    "Position",
    "RegionalHoliday",
    "StaffMember",
    "Unit",
    "UnitHead",
]
