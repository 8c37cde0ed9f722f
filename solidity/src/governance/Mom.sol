// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

interface AuthorityLike {
    function canCall(address src, address dst, bytes4 sig) external view returns (bool);
}

/// @title Mom: an act that the hat may do without the governance delay
/// @notice Sky's pause proxy and whom the Chief lets may act here; what the act is says who inherits this.
abstract contract Mom {
    error ZeroAddress(bytes32 field);
    error NotOwner(address caller);
    error NotAuthorized(address caller);

    /// @notice `owner` may do everything here.
    event OwnerSet(address indexed owner);
    /// @notice `authority` says who else may act; zero for nobody.
    event AuthoritySet(address indexed authority);

    /// @notice Sky's pause proxy.
    address public owner;
    /// @notice The Chief, which answers for the hat; zero if there is none.
    address public authority;

    modifier onlyOwner() {
        if (msg.sender != owner) revert NotOwner(msg.sender);
        _;
    }

    modifier auth() {
        if (!_isAuthorized(msg.sender, msg.sig)) revert NotAuthorized(msg.sender);
        _;
    }

    /// @param owner_ Sky's pause proxy. Reverts: `ZeroAddress("owner")`.
    constructor(address owner_) {
        _setOwner(owner_);
    }

    /// @notice Hands the ownership on.
    /// @dev Access: owner. Reverts: `NotOwner`, `ZeroAddress("owner")`.
    function setOwner(address owner_) external onlyOwner {
        _setOwner(owner_);
    }

    /// @notice Names the Chief; zero for nobody beside the owner.
    /// @dev Access: owner. Reverts: `NotOwner`.
    function setAuthority(address authority_) external onlyOwner {
        authority = authority_;
        emit AuthoritySet(authority_);
    }

    function _setOwner(address owner_) private {
        if (owner_ == address(0)) revert ZeroAddress("owner");
        owner = owner_;
        emit OwnerSet(owner_);
    }

    function _isAuthorized(address src, bytes4 sig) private view returns (bool) {
        if (src == owner) return true;
        return authority != address(0) && AuthorityLike(authority).canCall(src, address(this), sig);
    }
}
